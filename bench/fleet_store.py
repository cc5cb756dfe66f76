"""A bank with ten thousand enrolled devices: each officer a morning of thirty stops from the fixture book.

The rows are those that planning, publishing and enrolment would have left, written in bulk.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from bench.filling import FeedBody, fill, fill_feeds, filling, stamp_of
from bench.running_server import command
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_json
from fieldsync.domain.itinerary import Candidate, Itinerary, Stop
from fieldsync.domain.masking import masked
from fieldsync.domain.officer import Officer
from fieldsync.domain.place import Point
from fieldsync.sync.feed import KeyKind, feed_key
from fieldsync.sync.operation import genesis_hash
from server.context import ServerContext, open_server
from server.security.text_keys import public_text
from server.store.cases import load_cases
from server.store.engine import reading, writing
from server.store.tables import assignments, cases, devices, officers
from server.workflow.share_reference import share_reference

STOPS = 30
_PAIRS_IN_A_BRANCH = 20
_BOOK = Path(__file__).parent.parent / "fixtures" / "shenzhen"
_CHINA = timezone(timedelta(hours=8))
_DAY = date(2026, 11, 24)
_SHIFT = Window(
    datetime(2026, 11, 24, 8, 30, tzinfo=_CHINA), datetime(2026, 11, 24, 18, tzinfo=_CHINA)
)
# Stands for the pair in every template, of the same length as what takes its place.
_PAIR = "PAIR00"
_WHY = {
    "en": "127 days past due, not reached in the last two weeks",
    "zh-CN": "逾期127天，近两周未能联系上",
}


@dataclass(frozen=True, slots=True)
class Morning:
    """What a pair's devices hold, written for the pair that stands in every template."""

    rows: tuple[FeedBody, ...]

    def of(self, pair: int) -> tuple[FeedBody, ...]:
        """The same for one pair."""
        name = _pair_name(pair)
        return tuple(
            FeedBody(row.key.replace(_PAIR, name), row.version, row.body.replace(_PAIR, name))
            for row in self.rows
        )


def device_id_of(number: int) -> str:
    """The id of a device of the fleet."""
    return f"019ab000-0000-7000-8000-{number:012d}"


def request_key_of(number: int) -> Ed25519PrivateKey:
    """Its real key, the same wherever it is asked for."""
    return _key("request", number)


def fill_fleet(home: Path, count: int) -> ServerContext:
    """A server in a fresh folder with that many devices, two to a pair; nothing was fetched yet."""
    command(home, "init", "--training")
    command(home, "import-staff", str(_BOOK / "staff.csv"))
    books = [str(_BOOK / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    command(home, "import-cases", *books)
    server = open_server(str(home))
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark runs by the machine's clock
    store = Path(str(server.engine.url.database))
    pairs = (count + 1) // 2
    mornings = _mornings(server)
    with filling(store) as conn:
        _fill_people(conn, pairs, count, now)
    with filling(store) as conn:
        _fill_cases(conn, mornings, pairs, now)
    reference = {pair: _reference(server, pair) for pair in range(0, pairs, _PAIRS_IN_A_BRANCH)}
    with filling(store) as conn:
        fill_feeds(conn, _feeds(mornings, reference, pairs), now)
    return server


def _fill_people(conn: sqlite3.Connection, pairs: int, count: int, now: datetime) -> None:
    people = [(officer, _branch(pair)) for pair in range(pairs) for officer in _officers(pair)]
    fill(conn, officers, ("officer_id", "branch", "name"), ((o, b, f"林晓{o}") for o, b in people))
    columns = (
        "device_id", "officer_id", "name", "request_key", "operation_key", "head_seq", "head_hash",
        "enrolled_at",
    )  # fmt: skip
    fill(
        conn,
        devices,
        columns,
        (
            (
                device_id_of(n),
                people[n][0],
                "tablet",
                public_text(request_key_of(n)),
                public_text(_key("operation", n)),
                0,
                genesis_hash(device_id_of(n)),
                stamp_of(now),
            )
            for n in range(count)
        ),
    )


def _fill_cases(
    conn: sqlite3.Connection, mornings: Sequence[Morning], pairs: int, now: datetime
) -> None:
    at = stamp_of(now)
    prefix = len(feed_key(KeyKind.CASE, ""))
    for pair in range(pairs):
        rows = [
            (row.key[prefix:], row.body)
            for row in mornings[pair % len(mornings)].of(pair)
            if row.key.startswith(KeyKind.CASE.value)
        ]
        columns = ("case_id", "branch", "version", "body", "body_hash", "imported_at")
        fill(conn, cases, columns, ((i, _branch(pair), 1, body, "", at) for i, body in rows))
        given = [(f"{o}-{i}", i, o, at) for o in _officers(pair) for i, _body in rows]
        fill(conn, assignments, ("assignment_id", "case_id", "officer_id", "since"), given)


def _feeds(
    mornings: Sequence[Morning], reference: dict[int, tuple[FeedBody, ...]], pairs: int
) -> Iterator[tuple[str, Sequence[FeedBody]]]:
    for pair in range(pairs):
        rows = mornings[pair % len(mornings)].of(pair)
        shared = reference[pair - pair % _PAIRS_IN_A_BRANCH]
        for officer in _officers(pair):
            yield officer, (*rows, *shared)


def _reference(server: ServerContext, pair: int) -> tuple[FeedBody, ...]:
    """Rule packs and roster of the pair's branch, exactly as the server would write them."""
    with writing(server.engine) as conn:
        changes = share_reference(server, conn, _branch(pair), _officers(pair)[:1])
    return tuple(
        FeedBody(change.row.key, change.row.version, to_json(change.row.body)) for change in changes
    )


def _mornings(server: ServerContext) -> list[Morning]:
    """As many different ones as the book has thirty located cases for."""
    with reading(server.engine) as conn:
        ids = conn.execute(select(cases.c.case_id).order_by(cases.c.case_id)).scalars().all()
        book = [case for case in load_cases(conn, ids).values() if case.addresses[0].point]
    begins = range(0, len(book) - STOPS + 1, STOPS)
    return [_morning(book[begin : begin + STOPS]) for begin in begins]


def _morning(book: Sequence[Case]) -> Morning:
    rows = []
    stops = []
    for place, case in enumerate(book):
        case_id = f"{_PAIR}-{place:02d}"
        body = to_json(masked(case)).replace(case.case_id, case_id)
        rows.append(FeedBody(feed_key(KeyKind.CASE, case_id), case.version, body))
        stops.append(_stop(case, case_id, place))
    key = feed_key(KeyKind.ITINERARY, f"I-{_PAIR}")
    return Morning((*rows, FeedBody(key, 1, to_json(_itinerary(stops)))))


def _stop(case: Case, case_id: str, place: int) -> Stop:
    address = case.addresses[0]
    begins = _SHIFT.start + timedelta(minutes=18 * place + 7)
    return Stop(
        case_id=case_id,
        address_id=address.address_id,
        point=address.point or Point(0, 0),
        arrive=begins,
        start=begins,
        leave=begins + timedelta(minutes=12),
        windows=(_SHIFT,),
        service_s=720,
        travel_s=360,
        distance_m=1800 + 37 * place,
        priority=100 + place,
        why=_WHY,
    )


def _itinerary(stops: Sequence[Stop]) -> Itinerary:
    """A day with the travel times and distances between all of its places, as re-planning needs them."""
    size = range(len(stops) + 2)
    travel = tuple(tuple(abs(i - j) * 173 % 2400 for j in size) for i in size)
    metres = tuple(tuple(abs(i - j) * 1481 % 19_000 for j in size) for i in size)
    first, second = _officers_named(_PAIR)
    office = Point(22.5335, 113.9305)
    return Itinerary(
        itinerary_id=f"I-{_PAIR}",
        version=1,
        day=_DAY,
        branch="SZ-NANSHAN",
        pair_id=_PAIR,
        officers=(Officer(first, "林晓一", "SZ-NANSHAN"), Officer(second, "林晓二", "SZ-NANSHAN")),
        start=office,
        end=office,
        shift=_SHIFT,
        max_stops=len(stops),
        stops=tuple(stops),
        return_at=_SHIFT.end,
        candidates=tuple(
            Candidate(
                s.case_id, s.address_id, s.point, s.windows, s.service_s, s.priority, why=_WHY
            )
            for s in stops
        ),
        travel_s=travel,
        distance_m=metres,
    )


def _key(purpose: str, number: int) -> Ed25519PrivateKey:
    seed = hashlib.sha256(f"fleet {purpose} {number}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def _pair_name(pair: int) -> str:
    return f"P{pair:05d}"


def _branch(pair: int) -> str:
    return f"BR-{pair // _PAIRS_IN_A_BRANCH:04d}"


def _officers(pair: int) -> tuple[str, str]:
    return _officers_named(_pair_name(pair))


def _officers_named(name: str) -> tuple[str, str]:
    return f"{name}A", f"{name}B"
