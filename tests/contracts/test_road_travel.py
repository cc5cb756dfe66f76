"""The TravelTimes port on roads: recorded answers of a real Valhalla, and every way it can fail."""

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.adapters.clock import SystemClock
from fieldsync.adapters.geodesic import GeodesicTravel
from fieldsync.adapters.roads import RoadTravel
from fieldsync.adapters.roads_blocks import near_first
from fieldsync.adapters.roads_cache import LIFETIME, RoadCache
from fieldsync.adapters.roads_http import ValhallaServer
from fieldsync.adapters.roads_valhalla import Leg
from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.planner.travel import PACES
from fieldsync.ports import TravelMatrix
from tests.contracts.recorded_valhalla import FAR, PLACES, RECORDED, RoadServer, road_server
from tests.fakes import FixedClock

CLOCK = FixedClock(datetime.fromisoformat("2026-11-24T08:00:00+08:00"))
COSTING = {TravelMode.CAR: "auto", TravelMode.EBIKE: "bicycle", TravelMode.FOOT: "pedestrian"}
PAIRS = len(PLACES) * (len(PLACES) - 1)


@pytest.fixture
def server() -> Iterator[RoadServer]:
    """A road server with the recorded map."""
    with road_server() as running:
        yield running


def ask(
    server: RoadServer,
    points: list[Point],
    mode: TravelMode = TravelMode.CAR,
    *,
    cache: RoadCache | None = None,
    largest: int = 2500,
) -> TravelMatrix:
    """The matrix of the points, by that server."""
    engine = ValhallaServer(server.url, CLOCK, timeout_s=2, largest=largest)
    return RoadTravel(engine, CLOCK, cache=cache).matrix(points, mode)


def is_estimate(table: TravelMatrix, points: list[Point], mode: TravelMode) -> bool:
    """Whether the matrix is the geodesic one."""
    return table.seconds == GeodesicTravel().matrix(points, mode).seconds


@pytest.mark.parametrize("mode", TravelMode)
def test_a_known_way_takes_as_long_as_valhalla_says(server: RoadServer, mode: TravelMode) -> None:
    """Its seconds with the minutes for door and parking; its kilometres as metres; unknown stays an estimate."""
    table = ask(server, PLACES, mode)
    estimate = GeodesicTravel().matrix(PLACES, mode)
    said = RECORDED[COSTING[mode]]["sources_to_targets"]
    for i in range(len(PLACES)):
        for j in range(len(PLACES)):
            seconds, kilometres = said["durations"][i][j], said["distances"][i][j]
            if i == j:
                assert table.seconds[i][j] == table.metres[i][j] == 0
            elif seconds is None:
                assert table.seconds[i][j] == estimate.seconds[i][j]
                assert table.metres[i][j] == estimate.metres[i][j]
            else:
                assert table.seconds[i][j] == seconds + PACES[mode].leg_s
                assert table.metres[i][j] == round(kilometres * 1000)


def test_the_matrix_tells_how_much_of_it_is_road(server: RoadServer) -> None:
    """One of the places can only be driven to: its five ways out are estimates, and counted."""
    table = ask(server, PLACES)
    assert table.pairs == (("valhalla 3.9.1", PAIRS - 5), ("geodesic", 5))
    assert table.source == "valhalla 3.9.1 (83 %), geodesic (17 %)"
    assert table.note is None
    assert ask(server, PLACES, TravelMode.FOOT).source == "valhalla 3.9.1"


def test_a_place_outside_of_the_map_spoils_nothing(server: RoadServer) -> None:
    """Its own ways are estimates; all others are still asked for, in one question."""
    table = ask(server, [*PLACES, FAR], TravelMode.FOOT)
    assert table.pairs == (("valhalla 3.9.1", PAIRS), ("geodesic", 12))
    assert len(server.asked("/sources_to_targets")) == 1


@pytest.mark.parametrize("largest", [1, 4, 9, 2500])
def test_no_question_has_more_pairs_than_the_setting(server: RoadServer, largest: int) -> None:
    """However the square is cut, the matrix is the same."""
    server.most_pairs = largest
    table = ask(server, PLACES, largest=largest)
    asked = server.asked("/sources_to_targets")
    assert all(len(one["sources"]) * len(one["targets"]) <= largest for one in asked)
    assert table.pairs[0] == ("valhalla 3.9.1", PAIRS - 5)


def test_a_server_with_a_lower_limit_is_asked_for_less(server: RoadServer) -> None:
    """A refusal for too many pairs makes the questions smaller; nothing is lost."""
    server.most_pairs = 5
    assert ask(server, PLACES).pairs[0] == ("valhalla 3.9.1", PAIRS - 5)


HALF = json.dumps(RECORDED["auto"])[:150].encode()
NULLS = {"sources_to_targets": {"durations": [[None] * 6] * 6, "distances": [[None] * 6] * 6}}
STRANGE = {"sources_to_targets": {"durations": [["1"] * 6] * 6, "distances": [[-1] * 6] * 6}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"Internal Server Error"),
        (503, b""),
        (400, b"<html>"),
        (401, b"who are you"),
        (302, b""),
        (400, b'{"error_code": 125, "error": "No costing method found"}'),
        (200, HALF),
        (200, b""),
        (200, b"[" * 100_000),
        (200, b"null"),
        (200, b"[]"),
        (200, b'{"sources_to_targets": []}'),
        (200, b'{"sources_to_targets": {"durations": [[1]], "distances": [[1]]}}'),
        (200, json.dumps(NULLS).encode()),
        (200, json.dumps(STRANGE).encode()),
        (200, b'{"sources_to_targets": {"durations": NaN}}'),
    ],
)
@pytest.mark.parametrize("path", ["/status", "/locate", "/sources_to_targets"])
def test_whatever_the_server_says_there_is_a_matrix(
    server: RoadServer, path: str, status: int, body: bytes
) -> None:
    """Nonsense at any of the three questions leaves estimates, in bounded tries."""
    server.fault = lambda at, _times: (status, body) if at == path else None
    table = ask(server, PLACES)
    assert is_estimate(table, PLACES, TravelMode.CAR)
    assert table.source == "geodesic"
    assert "estimates" in str(table.note)
    assert len(server.questions) <= 80


def test_a_server_that_stumbles_once_is_asked_again(server: RoadServer) -> None:
    """One 503 in the middle costs nothing but a second question."""
    server.fault = lambda _path, times: (503, b"") if times == 1 else None
    table = ask(server, PLACES)
    assert table.pairs[0] == ("valhalla 3.9.1", PAIRS - 5)
    assert table.note is None


def test_what_was_answered_before_the_server_went_away_is_used(server: RoadServer) -> None:
    """Half a matrix of roads is better than none, and the note says why the rest is estimated."""
    server.fault = lambda at, times: (
        (500, b"") if at == "/sources_to_targets" and times > 2 else None
    )
    table = ask(server, PLACES, TravelMode.FOOT, largest=9)
    assert 0 < table.pairs[0][1] < PAIRS
    assert "HTTP 500" in str(table.note)


def test_an_absent_server_is_noted_without_its_password() -> None:
    """Nobody listens there: all is estimated, and the note names the place but not the secret."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = ValhallaServer(f"http://ana:secret@127.0.0.1:{port}", CLOCK, timeout_s=2)
    table = RoadTravel(engine, CLOCK).matrix(PLACES)
    assert is_estimate(table, PLACES, TravelMode.CAR)
    assert f"http://127.0.0.1:{port} does not answer" in str(table.note)
    assert "secret" not in str(table.note)


def test_a_server_that_never_answers_is_not_waited_for_long() -> None:
    """It takes the question and says nothing: two tries of the time-out, then estimates."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        engine = ValhallaServer(url, CLOCK, timeout_s=0.1)
        table = RoadTravel(engine, CLOCK).matrix(PLACES)
    assert is_estimate(table, PLACES, TravelMode.CAR)


def test_a_server_that_answers_by_drops_is_not_waited_for_long() -> None:
    """Each byte in time and the whole never: the question has an end all the same."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                caller, _address = listener.accept()
            except OSError:
                return
            with caller:
                head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"
                try:
                    caller.sendall(head)
                    while not over.wait(0.001):
                        caller.sendall(b" " * 8192)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        engine = ValhallaServer(url, SystemClock(), timeout_s=0.2)
        table = RoadTravel(engine, SystemClock()).matrix(PLACES)
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert is_estimate(table, PLACES, TravelMode.CAR)


def test_a_plan_waits_for_roads_only_so_long(server: RoadServer) -> None:
    """When the time of all questions is over, what is left is an estimate, and the near ones are asked first."""
    clock = FixedClock(CLOCK.now())

    def slowly(_path: str, _times: int) -> None:
        clock.go_on(seconds=1)

    server.fault = slowly
    engine = ValhallaServer(server.url, clock, timeout_s=20, largest=4)
    table = RoadTravel(engine, clock, limit_s=5).matrix(PLACES, TravelMode.FOOT)
    assert len(server.asked("/sources_to_targets")) < 9
    assert 0 < table.pairs[0][1] < PAIRS
    assert "too long" in str(table.note)


def test_user_and_password_of_the_address_are_sent(server: RoadServer) -> None:
    """The server behind a login answers."""
    server.url = server.url.replace("http://", "http://ana:secret@")
    ask(server, PLACES)
    assert all(said is not None and said.startswith("Basic ") for said in server.signed_in)


@pytest.mark.parametrize(
    "url", ["", "roads.bank.example", "ftp://x", "file:///x", "http://[", "http://x:y"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Before anything is sent anywhere."""
    with pytest.raises(InputError, match=r"http or https") as caught:
        ValhallaServer(url, CLOCK)
    assert caught.value.code == "422.601"


def test_what_was_answered_is_not_asked_again(server: RoadServer, tmp_path: Path) -> None:
    """The second plan asks for nothing; a new place costs its own pairs; each mode has its own answers."""
    cache = RoadCache(tmp_path / "roads.db")
    first = ask(server, PLACES[:5], cache=cache)
    server.questions.clear()
    again = ask(server, PLACES[:5], cache=RoadCache(tmp_path / "roads.db"))
    assert (again.seconds, again.metres, again.pairs) == (first.seconds, first.metres, first.pairs)
    assert not server.asked("/sources_to_targets")
    assert not server.asked("/locate")
    assert ask(server, PLACES, cache=cache).pairs[0] == ("valhalla 3.9.1", PAIRS - 5)
    pairs = [len(q["sources"]) * len(q["targets"]) for q in server.asked("/sources_to_targets")]
    assert sum(pairs) < len(PLACES) ** 2 + 1
    ask(server, PLACES, TravelMode.FOOT, cache=cache)
    assert server.asked("/sources_to_targets")[-1]["costing"] == "pedestrian"


def test_old_answers_and_those_of_another_map_are_asked_for_anew(tmp_path: Path) -> None:
    """A month later, or when the map's edition changed."""
    cache, mode, now = RoadCache(tmp_path / "roads.db"), TravelMode.CAR, CLOCK.now()
    cache.keep("one", mode, PLACES, [(0, {1: (60, 400), 2: None})], now)
    assert cache.read("one", mode, PLACES, now)[0] == {1: (60, 400), 2: None}
    assert cache.read("two", mode, PLACES, now)[0] == {}
    assert cache.read("one", TravelMode.FOOT, PLACES, now)[0] == {}
    assert cache.read("one", mode, PLACES, now + LIFETIME + timedelta(seconds=1))[0] == {}


def test_the_cache_never_grows_past_its_limit(tmp_path: Path) -> None:
    """The oldest answers go first."""
    cache = RoadCache(tmp_path / "roads.db", most_bytes=400)
    for day in range(20):
        points = [Point(22.5 + day / 100 + n / 1000, 114.0) for n in range(5)]
        now = CLOCK.now() + timedelta(days=day)
        cache.keep("one", TravelMode.CAR, points, [(0, dict.fromkeys(range(1, 5), (1, 1)))], now)
    with sqlite3.connect(tmp_path / "roads.db") as conn:
        size, oldest = conn.execute(
            "SELECT sum(length(targets) * 2), min(kept_at) FROM legs"
        ).fetchone()
    conn.close()
    assert size <= 400
    assert oldest > CLOCK.now().timestamp()


@pytest.mark.parametrize(
    "content", [b"this is no database at all, although it is long enough", b""]
)
def test_a_broken_cache_is_begun_anew(server: RoadServer, tmp_path: Path, content: bytes) -> None:
    """A file full of something else costs the questions once more, and no plan."""
    path = tmp_path / "roads.db"
    path.write_bytes(content)
    for _time in range(2):
        assert ask(server, PLACES, cache=RoadCache(path)).pairs[0][1] == PAIRS - 5
    server.questions.clear()
    ask(server, PLACES, cache=RoadCache(path))
    assert not server.asked("/sources_to_targets")


def test_a_cache_that_cannot_be_written_fails_nothing(server: RoadServer, tmp_path: Path) -> None:
    """Its folder is not there."""
    cache = RoadCache(tmp_path / "gone" / "roads.db")
    assert ask(server, PLACES, cache=cache).pairs[0][1] == PAIRS - 5


def test_several_plans_may_keep_answers_at_once(tmp_path: Path) -> None:
    """Eight at a time add to the same places; nothing that one kept is lost by another."""
    path = tmp_path / "roads.db"

    def keep(target: int) -> None:
        asked: list[tuple[int, dict[int, Leg]]] = [(0, {target: (target, target)})]
        RoadCache(path).keep("one", TravelMode.CAR, points, asked, CLOCK.now())

    points = [Point(22.5 + n / 1000, 114.0) for n in range(9)]
    threads = [threading.Thread(target=keep, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = RoadCache(path).read("one", TravelMode.CAR, points, CLOCK.now())[0]
    assert found == {n: (n, n) for n in range(1, 9)}


@settings(max_examples=25)
@given(
    points=st.lists(
        st.builds(Point, st.floats(22.3, 22.9), st.floats(113.6, 114.7)), max_size=30, unique=True
    ),
    most=st.integers(1, 60),
)
def test_blocks_hold_every_pair_once(points: list[Point], most: int) -> None:
    """However the points lie, each pair is in one block, and none is too large."""
    blocks = near_first(points, range(len(points)), most)
    pairs = [(i, j) for sources, targets in blocks for i in sources for j in targets]
    assert sorted(pairs) == [(i, j) for i in range(len(points)) for j in range(len(points))]
    assert all(len(sources) * len(targets) <= most for sources, targets in blocks)


def test_near_blocks_come_first() -> None:
    """Where the time runs out, it is the long ways that stay estimates."""
    points = [Point(22.3 + n / 100, 113.6) for n in range(12)]
    spans = [max(abs(i - j) for i in s for j in t) for s, t in near_first(points, range(12), 9)]
    assert all(a <= b for a, b in pairwise(spans))
