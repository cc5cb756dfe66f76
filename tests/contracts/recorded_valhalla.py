"""A loopback road server that answers as Valhalla 3.9.1 did, or with a fault it is told to have."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fieldsync.domain.place import Point

RECORDED = json.loads((Path(__file__).parent / "valhalla_answers.json").read_text(encoding="utf-8"))
PLACES = [Point(lat, lon) for lat, lon in RECORDED["points"]]
# A place outside of the recorded map.
FAR = Point(61.5, 23.8)

# Answers a request by itself, given its path and how often that path was asked; None lets it through.
Fault = Callable[[str, int], tuple[int, bytes] | None]


@dataclass(slots=True)
class RoadServer:
    """Where it is and what it was asked; `fault` may answer before it, `most_pairs` is its limit."""

    url: str = ""
    most_pairs: int = 2500
    fault: Fault | None = None
    questions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    signed_in: list[str | None] = field(default_factory=list)

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The questions put to one path."""
        return [question for at, question in self.questions if at == path]

    def answer(self, path: str, question: dict[str, Any]) -> tuple[int, bytes]:
        """What Valhalla would say."""
        self.questions.append((path, question))
        told = self.fault and self.fault(path, len(self.asked(path)))
        if told:
            return told
        if path == "/status":
            return _said(RECORDED["status"])
        if path == "/locate":
            on_map, off_map = RECORDED["locate"]
            return _said([off_map if _number(p) is None else on_map for p in question["locations"]])
        return self._table(question)

    def _table(self, question: dict[str, Any]) -> tuple[int, bytes]:
        sources, targets = ([_number(p) for p in question[s]] for s in ("sources", "targets"))
        if len(sources) * len(targets) > self.most_pairs:
            return 400, json.dumps(RECORDED["refused"]["many"]).encode()
        if None in sources or None in targets:
            return 400, json.dumps(RECORDED["refused"]["far"]).encode()
        whole = RECORDED[question["costing"]]["sources_to_targets"]
        part = {
            name: [[rows[s][t] for t in targets] for s in sources] for name, rows in whole.items()
        }
        return _said({**RECORDED[question["costing"]], "sources_to_targets": part})


def _said(answer: Any) -> tuple[int, bytes]:
    return 200, json.dumps(answer).encode()


def _number(place: dict[str, float]) -> int | None:
    point = Point(place["lat"], place["lon"])
    return PLACES.index(point) if point in PLACES else None


@contextmanager
def road_server() -> Iterator[RoadServer]:
    """The server on a free port of this machine, until the block ends."""
    state = RoadServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            state.signed_in.append(self.headers.get("Authorization"))
            status, body = state.answer(self.path, json.loads(self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
