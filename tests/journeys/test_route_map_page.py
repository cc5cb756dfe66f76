"""The route map in a real browser: what it shows, and that it asks nobody for anything."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fieldsync.terminal.route_map import map_html
from tests.agent_cli.made_up import make_itinerary

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def _listener() -> Iterator[tuple[str, list[str]]]:
    """A server that notes every request for it: its address, and what was asked."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _open(page: Path, profile: Path) -> str:
    """The page's elements as the browser understands them."""
    browser = shutil.which("chromium")
    assert browser, "chromium is missing: run `make system`"
    done = subprocess.run(
        [browser, *_FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    return done.stdout


@pytest.mark.parametrize(("language", "word"), [("en", "Routes of the day"), ("zh-CN", "当日路线")])
def test_the_map_asks_nobody_for_anything(tmp_path: Path, language: str, word: str) -> None:
    """A hostile name is text on the page: no picture is fetched, no script of its runs."""
    itinerary = make_itinerary()
    with _listener() as (address, asked):
        hostile = f"<img src='{address}/leak'><script>document.title='owned'</script>陈明"
        names = {stop.case_id: hostile for stop in itinerary.stops}
        page = tmp_path / "route.html"
        page.write_text(map_html(itinerary, names, language, names), encoding="utf-8")
        shown = _open(page, tmp_path / "profile")
    assert asked == []
    assert f"<title>{word}</title>" in shown
    assert "陈明" in shown
    assert "<img" not in shown
    assert "<script" not in shown
    for stop in itinerary.stops:
        assert stop.case_id in shown
