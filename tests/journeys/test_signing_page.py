"""The signing page in a real browser, driven by touch, mouse and keyboard, with nothing of the network."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from agent_cli.actions.agree import sit_down
from agent_cli.actions.quote import debt_of, quote_case
from agent_cli.context import open_device
from agent_cli.page.serving import serve
from agent_cli.page.sitting import Ending, Sitting
from agent_cli.plan_typed import TypedPlan
from agent_cli.store.cases import load_case
from fieldsync.agreements.mandate import HOUSE_MANDATE
from tests.agent_cli.conftest import build_device
from tests.agent_cli.made_up import Device, at

CASE = "C-000001"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


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
def at_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Ana and Ben sit with the borrower of the first case."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    monkeypatch.setenv(
        "FIELDSYNC_SECRETS", str(Path(__file__).parents[1] / "agent_cli" / "secrets.txt")
    )
    device = build_device(tmp_path / "device")
    started = device.run("visit", "start", CASE, "--with", "O-0002")
    assert started.exit_code == 0, started.exception
    return device


@contextmanager
def served(device: Device) -> Iterator[tuple[str, Queue[Sitting]]]:
    """The page in a thread of its own, as the program's one thread serves it: the link, and how it ended."""
    links: Queue[str] = Queue()
    ended: Queue[Sitting] = Queue()

    def work() -> None:
        with open_device(device.options) as ctx:
            case = load_case(ctx.conn, CASE)
            typed = TypedPlan("interest_free", 12, at(10).date().replace(month=12, day=25))
            offer = quote_case(ctx, case, typed.terms(debt_of(case), HOUSE_MANDATE))
            table = sit_down(ctx, case, None)
            ended.put(serve(ctx, case, offer, table, links.put, after_s=2))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield links.get(timeout=20), ended
    thread.join(timeout=20)


def opened(browser: Browser, link: str, width: int) -> Page:
    """The page in a browser of that width, a finger on the narrow one."""
    context = browser.new_context(
        viewport={"width": width, "height": 780}, has_touch=width < 800, accept_downloads=True
    )
    page = context.new_page()
    page.goto(link)
    return page


def strokes_of(device: Device, sitting: Sitting) -> dict[str, Any]:
    """The course of the pen as it was kept beside the drawing."""
    assert sitting.signed is not None
    with open_device(device.options) as ctx:
        kept: dict[str, Any] = json.loads(ctx.blobs.get(sitting.signed.agreement.strokes_sha256))
    return kept


def draw_by_touch(page: Page) -> None:
    """A finger's course over the pad, as the browser itself reports it."""
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    course = [(30 + 8 * k, 90 + (30 if k % 4 < 2 else -30)) for k in range(24)]
    for number, (x, y) in enumerate(course):
        kind = "touchStart" if number == 0 else "touchMove"
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": box["x"] + x, "y": box["y"] + y}]},
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_signs_on_a_small_screen(at_the_table: Device, browser: Browser) -> None:
    """Read, ticked, drawn, confirmed by both, signed: the strokes are kept and the copy is handed out."""
    asked: list[str] = []
    with served(at_the_table) as (link, ended):
        page = opened(browser, link, 360)
        page.on("request", lambda request: asked.append(request.url))
        assert page.locator("#summary li").count() >= 4
        page.tap("#sign")
        page.wait_for_selector("#problem:visible")
        draw_by_touch(page)
        # The browser takes a tap right after a stroke for a part of it, as it does of a person.
        while not page.locator("#read").is_checked():
            page.tap("#read")
        page.tap("#sign")
        page.locator("#problem", has_text="两名工作人员").wait_for()
        for box in page.locator(".officer").all():
            box.tap()
        page.tap("#sign")
        page.wait_for_url("**/done**")
        with page.expect_download() as download:
            page.tap(".button")
        document = Path(download.value.path()).read_bytes()
        assert page.locator(".qr svg").count() == 1
        page.context.close()
        sitting = ended.get(timeout=20)
    assert sitting.ending is Ending.SIGNED
    assert sitting.signed is not None
    assert sitting.signed.document == document
    assert all("127.0.0.1" in url for url in asked)
    record = strokes_of(at_the_table, sitting)
    assert record["how"] == "drawn"
    assert [len(point) for point in record["strokes"][0][:10]] == [4] * 10


@pytest.mark.parametrize("ending", [Ending.THINKING, Ending.DECLINED])
def test_saying_no_is_as_easy_as_signing(
    at_the_table: Device, browser: Browser, ending: Ending
) -> None:
    """Three answers of one size; by the mouse, on a laptop; nothing is recorded."""
    with served(at_the_table) as (link, ended):
        page = opened(browser, link, 1280)
        sizes = {
            (round(box["width"]), round(box["height"]))
            for button in page.locator(".answers button").all()
            if (box := button.bounding_box()) is not None
        }
        assert len(sizes) == 1
        page.click(f"[data-ending={ending.value}]")
        page.wait_for_url("**/done**")
        page.context.close()
        sitting = ended.get(timeout=20)
    assert (sitting.ending, sitting.signed) == (ending, None)
    assert "agreement.sign" not in at_the_table.run("export", "--json").stdout


def test_the_keyboard_alone_signs_by_a_mark(at_the_table: Device, browser: Browser) -> None:
    """Whoever cannot draw, signs by a mark: Tab and Space go everywhere."""
    with served(at_the_table) as (link, ended):
        page = opened(browser, link, 1280)
        for selector in ("#read", "#mark", ".officer >> nth=0", ".officer >> nth=1", "#sign"):
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.locator(selector).evaluate("e => e === document.activeElement"):
                    break
            page.keyboard.press("Space")
        page.wait_for_url("**/done**")
        page.context.close()
        sitting = ended.get(timeout=20)
    record = strokes_of(at_the_table, sitting)
    assert (record["how"], len(record["strokes"])) == ("mark", 2)


def test_only_the_browser_that_opened_it_sees_it(at_the_table: Device, browser: Browser) -> None:
    """The link works once; another browser, another host name and another site's post are refused."""
    with served(at_the_table) as (link, _ended):
        page = opened(browser, link, 360)
        stranger = browser.new_context().new_page()
        home = link.partition("/open/")[0]
        for address in (link, home + "/", home + "/copy.pdf", home + "/done"):
            answer = stranger.goto(address)
            assert answer is not None
            assert answer.status == 403
        post = stranger.request.post(home + "/end/declined")
        assert post.status == 403
        foreign = page.request.post(
            home + "/end/declined", headers={"Origin": "http://evil.example"}
        )
        assert foreign.status == 403
        renamed = page.request.get(home + "/", headers={"Host": "evil.example"})
        assert renamed.status == 403
        page.click("[data-ending=thinking]")
        page.wait_for_url("**/done**")
        stranger.context.close()
        page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_it(at_the_table: Device, browser: Browser, width: int) -> None:
    """WCAG by axe in both languages, the whole agreement open; nothing runs over the side."""
    with served(at_the_table) as (link, _ended):
        page = opened(browser, link, width)
        for language in ("en", "zh-CN"):
            page.goto(f"{link.partition('/open/')[0]}/?lang={language}")
            page.click("summary")
            violations = Axe().run(page).response["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("html").get_attribute("lang") == language
        page.click("[data-ending=thinking]")
        page.wait_for_url("**/done**")
        page.context.close()
