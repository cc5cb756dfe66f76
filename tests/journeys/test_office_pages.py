"""The office in a real browser: a first sign-in, passkeys, the bank's own sign-in, and pages for everybody."""

import dataclasses
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import insert
from werkzeug.serving import make_server

from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.officer import Officer
from server.api.context import CONTEXT_KEY
from server.app import create_app
from server.context import ServerContext, open_server
from server.office_settings import OfficeSettings
from server.security.permissions import Grant, Role
from server.store.approvals import ApprovalKind
from server.store.cases import add_hold, save_bank_parts
from server.store.engine import writing
from server.store.tables import devices, officers
from server.workflow.break_glass import break_glass
from server.workflow.four_eyes import ask
from server.workflow.initialise import initialise
from tests.bank_provider import CLIENT_ID, CLIENT_SECRET, bank_provider
from tests.server.case_files import case_file
from tests.server.office_browser import PASSWORD, invite, person, session_of

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
HERE = "SZ-NANSHAN"
MANAGER, REVIEWER = Grant(Role.BRANCH_MANAGER, HERE), Grant(Role.REVIEWER, HERE)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclasses.dataclass
class Office:
    """A running office, with something for everybody to do."""

    ctx: ServerContext
    url: str
    provider_user: str


def _furnish(ctx: ServerContext, ana: Officer, cy: Officer) -> None:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ana, cy)])
        save_bank_parts(conn, [case_file("C-1"), case_file("C-2")], now)
        for number in (1, 2):
            add_hold(conn, f"C-{number}", Hold(f"hold-{number}", HoldKind.OFFICE, now, "office"))
        device = {"device_id": "device-1", "officer_id": ana.officer_id, "name": "tablet"}
        device |= {"request_key": "k", "operation_key": "k", "head_hash": "h"}
        conn.execute(insert(devices).values(**device, head_seq=0, enrolled_at=now))
    ask(
        ctx,
        person(ctx, "rui", REVIEWER),
        ApprovalKind.LIFT,
        "hold-1",
        "well again, asked us to call",
    )
    cy_signed = person(ctx, "cy", Grant(Role.BRANCH_MANAGER, "SZ-FUTIAN"))
    break_glass(ctx, cy_signed, HERE, "Borrower in hospital, nobody there answers")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office at http://localhost, which browsers take for safe."""
    home = tmp_path_factory.mktemp("office") / "bank"
    initialise(home, training=False)
    ctx = open_server(str(home))
    _furnish(ctx, Officer("E1001", "Ana Lin", HERE), Officer("E2001", "Cy Wu", "SZ-FUTIAN"))
    app = create_app(ctx)
    served = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://localhost:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    with bank_provider(ctx.clock, f"{url}/office/bank/back") as provider:
        settings = OfficeSettings(
            public_url=url,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_secret=CLIENT_SECRET,
        )
        config = dataclasses.replace(ctx.config, office=settings)
        ctx = dataclasses.replace(ctx, config=config)
        app.extensions[CONTEXT_KEY] = ctx
        yield Office(ctx, url, provider.user)
    served.shutdown()
    thread.join()
    served.server_close()
    ctx.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's own Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody's browser, with no cookie in it."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test where the browser refuses or misses anything."""
    opened, told = context.new_page(), list[str]()
    opened.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    opened.on("pageerror", lambda error: told.append(str(error)))
    yield opened
    assert told == []


def test_from_an_invitation_to_a_passkey(office: Office, page: Page) -> None:
    """Code, password, app; a passkey added; out, and in again with a touch and nothing typed."""
    code = invite(office.ctx, "li.na", MANAGER)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{office.url}/office/")
    page.click("text=I have an invitation")
    page.fill("#login", "li.na")
    page.fill("#code", code.lower())
    page.click("text=Continue")
    seed = page.inner_text(".card code").replace(" ", "")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.fill("#code", pyotp.TOTP(seed).at(office.ctx.clock.now()))
    page.click("text=Finish")
    assert page.locator(".codes li").count() == 8
    page.click("text=Go on")
    page.click("text=My account")
    page.fill("#passkey-name", "Branch key")
    page.click("text=Add a passkey")
    page.wait_for_selector("text=The passkey is added.")
    assert "Branch key" in page.inner_text("main")
    page.click("text=Sign out >> nth=0")
    page.wait_for_url("**/office/sign-in")
    page.click("text=Sign in with a passkey")
    page.wait_for_url("**/office/")
    page.click("text=My account")
    assert "passkey, Since" in page.inner_text("#sessions ~ ul")


def test_a_passkey_of_another_site_is_worth_nothing(office: Office, page: Page) -> None:
    """A browser without one of ours says so in our words, and nobody is signed in."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{office.url}/office/sign-in")
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("#passkey-said:visible")
    assert added["authenticatorId"]
    assert "did not answer" in page.inner_text("#passkey-said")


def test_the_bank_signs_in_across_sites(office: Office, page: Page) -> None:
    """There and back by real redirects, with cookies that other sites cannot send."""
    invite(office.ctx, "zhao", REVIEWER, bank_id=office.provider_user)
    page.goto(f"{office.url}/office/sign-in")
    page.click("text=Sign in with the bank")
    page.wait_for_url("**/office/")
    assert "Waiting for me" in page.inner_text("h1")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["office_session"]["sameSite"] == "Strict"
    assert cookies["office_session"]["httpOnly"]


def test_two_people_lift_a_hold_in_their_browsers(office: Office, browser: Browser) -> None:
    """Asked in one, granted in another."""
    pages = []
    for login, grant in (("ask.er", REVIEWER), ("grant.er", MANAGER)):
        context = browser.new_context(locale="en-GB")
        token = session_of(office.ctx, login, grant)
        context.add_cookies([{"name": "office_session", "value": token, "url": office.url}])
        pages.append(context.new_page())
    asker, granter = pages
    asker.goto(f"{office.url}/office/holds")
    card = asker.locator("article", has_text="C-2")
    card.locator("textarea").fill("rang us, all is well")
    card.locator("text=Ask to lift it").click()
    asker.wait_for_selector("text=Asked.")
    granter.goto(f"{office.url}/office/")
    granter.locator("article", has_text="rang us").locator("text=Grant").click()
    granter.wait_for_selector("text=Granted and carried out.")
    asker.goto(f"{office.url}/office/holds")
    assert "C-2" not in asker.inner_text("main")
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_everybody_can_use_every_page(
    office: Office, browser: Browser, tmp_path: Path, width: int, language: str
) -> None:
    """WCAG by axe: no violation; nothing runs out of a telephone's side; no sentence in the other language."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    login = f"view{width}{language}".lower()
    page = context.new_page()
    out = ["sign-in", "first"]
    inside = ["", "records", "holds", "devices", "glass", "past", "account", "records/none"]
    for path in [*out, *inside]:
        if path == inside[0]:
            token = session_of(office.ctx, login, MANAGER)
            context.add_cookies([{"name": "office_session", "value": token, "url": office.url}])
        page.goto(f"{office.url}/office/{path}?lang={language}")
        page.screenshot(path=tmp_path / f"{path.replace('/', '-') or 'home'}.png", full_page=True)
        found = Axe().run(page)
        assert json.loads(json.dumps(found.response["violations"])) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        chinese = re.findall("[\u4e00-\u9fff]+", page.inner_text("body"))
        assert language != "en" or chinese == ["中文"], path
    context.close()
