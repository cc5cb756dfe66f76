"""The page behind the code on a borrower's copy, in a real browser: the right file, a changed one, no code."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from server.workflow.agreements_kept import find
from tests.agent_cli.bank import Bank, enrolled, open_bank, synced
from tests.agent_cli.made_up import ANA, at

CASE = "C-000001"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bank, Path]]:
    """A bank with one accepted agreement, and the borrower's copy of it."""
    folder = tmp_path_factory.mktemp("agreed")
    drawing, copy = folder / "signature.svg", folder / "copy.pdf"
    drawing.write_text(DRAWING, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
        patched.setenv(
            "FIELDSYNC_SECRETS", str(Path(__file__).parents[1] / "agent_cli" / "secrets.txt")
        )
        with open_bank(folder / "bank") as bank:
            ana = enrolled(bank, folder / "ana", ANA)
            synced(ana)
            assert ana.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
            done = ana.run(
                "agree", CASE, "--kind", "interest_free", "--months", "3", "--first-due",
                "2026-12-25", "--signature", str(drawing), "--yes", "--output", str(copy),
            )  # fmt: skip
            assert done.exit_code == 0, done.exception
            synced(ana)
            yield bank, copy


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
def page(browser: Browser) -> Iterator[Page]:
    """A page on a small telephone, that notes what it asks of whom."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield context.new_page()
    context.close()


def test_the_right_copy_is_known_and_a_changed_one_is_not(
    agreed: tuple[Bank, Path], page: Page, tmp_path: Path
) -> None:
    """The hash is worked out in the browser: nothing is sent, nothing personal is on the page."""
    bank, copy = agreed
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    code = find(bank.ctx, CASE).stored.agreement.verification_code
    page.goto(f"{bank.url}/v/{code}?lang=en")
    assert "in force" in page.inner_text(".told")
    for personal in (CASE, "1200000", "12,000", "SZ-NANSHAN", "陈"):
        assert personal not in page.content()
    loaded = len(asked)
    page.set_input_files("#copy", copy)
    page.wait_for_selector("#same:visible")
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(copy.read_bytes() + b" ")
    page.set_input_files("#copy", changed)
    page.wait_for_selector("#other:visible")
    assert len(asked) == loaded
    assert all(bank.url in one for one in asked)


def test_a_code_is_typed_as_people_type(agreed: tuple[Bank, Path], page: Page) -> None:
    """Small letters and blanks do; a slip is named, an unknown code answers without a hint."""
    bank, _copy = agreed
    code = find(bank.ctx, CASE).stored.agreement.verification_code
    page.goto(f"{bank.url}/v/?lang=zh")
    page.fill("#code", code.lower().replace("-", " "))
    page.tap("button")
    assert "本协议已生效" in page.inner_text(".told")
    page.goto(f"{bank.url}/v/{code[:-1]}{'1' if code[-1] != '1' else '2'}?lang=en")
    assert "is not a verification code" in page.inner_text(".told")
    answer = page.goto(f"{bank.url}/v/0000-0000-0000?lang=en")
    assert answer is not None
    assert answer.status == 404
    assert "No agreement with this code" in page.inner_text(".told")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_everybody_can_use_it(agreed: tuple[Bank, Path], page: Page, language: str) -> None:
    """WCAG by axe: no violation; strict headers."""
    bank, _copy = agreed
    code = find(bank.ctx, CASE).stored.agreement.verification_code
    answer = page.goto(f"{bank.url}/v/{code}?lang={language}")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    found = Axe().run(page)
    assert json.loads(json.dumps(found.response["violations"])) == []
