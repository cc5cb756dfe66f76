"""The benchmarks count what they say they count, and the performance page shows what they printed."""

import json
import re
import socket
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from bench.counting_line import counting
from bench.fleet_store import STOPS
from bench.meanings import MEANINGS
from bench.table import BEGIN, END, PAGE, table
from tests.house.tree import ROOT

_DOCUMENT = {
    "results": [
        {"name": "pull.sqlite", "value": 51234.0, "unit": "rows/s", "vs": {"pages_of": 500}},
        {"name": "sync.nochange_ms", "value": 8.25, "unit": "ms", "vs": {}},
    ],
    "fsync_before_ms": 0.2,
    "fsync_ms": 0.25,
    "load_before": 0.1,
    "machine": {"system": "Linux", "architecture": "x86_64", "cores": 2, "python": "3.11.7"},
    "version": "0.1.0",
    "date": "2026-11-24",
}


def test_the_table_shows_figures_with_their_meaning() -> None:
    """Each figure is a row with its meaning and what stood beside it, under the command and the disk."""
    text = table({"sync": _DOCUMENT})
    assert "bench/sync.py --json" in text
    assert "0.2 ms before and 0.25 ms after" in text
    assert "| 51,234 rows/s | pages of 500 |" in text
    assert MEANINGS["sync.nochange_ms"].text in text


def test_every_figure_of_the_page_has_a_meaning() -> None:
    """The page holds one generated section, and no figure in it that the code does not know."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    section = text.partition(BEGIN)[2].partition(END)[0]
    assert set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)) <= set(MEANINGS)


def test_the_line_counts_every_byte() -> None:
    """Two requests over one connection are two, each with exactly what went up and came down."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_answer_twice, args=(server,), daemon=True).start()
        with counting(f"http://127.0.0.1:{server.getsockname()[1]}") as line:
            port = int(line.url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port)) as near:
                for request in (b"GET /one", b"GET /another"):
                    near.sendall(request + b" HTTP/1.1\r\n\r\n")
                    assert near.recv(100) == b"yes"
    assert [(one.path, len(one.up), bytes(one.down)) for one in line.passed] == [
        ("/one", 21, b"yes"),
        ("/another", 25, b"yes"),
    ]


def _answer_twice(server: socket.socket) -> None:
    asked, _address = server.accept()
    with asked:
        for _ in range(2):
            asked.recv(100)
            asked.sendall(b"yes")


@pytest.mark.slow
def test_a_small_fleet_gets_its_morning() -> None:
    """Twenty devices fetch their cases, itinerary, roster and rules from a real server, with no error."""
    done = subprocess.run(
        [sys.executable, "bench/fleet.py", "--devices", "20", "--json"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    figures = {one["name"]: one for one in json.loads(done.stdout)["results"]}
    assert figures["fleet.20_errors"]["value"] == 0
    rows = figures["fleet.20_seconds"]["vs"]["rows"]
    assert rows >= 20 * (STOPS + 2)
    assert rows % 20 == 0
