"""A small branch with a day to plan: Ana and Ben, Di and Ed, and a handful of cases around them."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Case
from fieldsync.domain.codec import to_json
from fieldsync.domain.officer import Officer, Pair
from fieldsync.domain.place import Point
from server.context import ServerContext
from server.store.cases import save_bank_parts
from server.store.engine import writing
from server.store.tables import officers, pairs
from tests.server.case_files import case_file

ZONE = ZoneInfo("Asia/Shanghai")
BRANCH = "SZ-NANSHAN"
TOMORROW = date(2026, 11, 25)
DI, ED = Officer("E1003", "Di Gao", BRANCH), Officer("E1004", "Ed He", BRANCH)


def pair_of(pair_id: str, *members: Officer, shift_end: time = time(18)) -> Pair:
    """A pair that begins and ends at the branch."""
    first, second = members
    door = Point(22.53, 113.93)
    return Pair(pair_id, BRANCH, (first, second), door, door, time(8, 30), shift_end)


def add_pairs(server: ServerContext, wanted: Iterable[Pair]) -> None:
    """Store pairs whose officers are there already."""
    rows = [
        {
            "pair_id": pair.pair_id,
            "branch": pair.branch,
            "first_officer": pair.officers[0].officer_id,
            "second_officer": pair.officers[1].officer_id,
            "body": to_json(pair),
        }
        for pair in wanted
    ]
    with writing(server.engine) as conn:
        conn.execute(insert(pairs), rows)


def add_colleagues(server: ServerContext) -> None:
    """Di and Ed join the branch."""
    with writing(server.engine) as conn:
        conn.execute(insert(officers), [asdict(DI), asdict(ED)])


def nearby_case(number: int, *, agreed_at: datetime | None = None) -> Case:
    """A lawful case some hundred metres further on, perhaps with an agreed time."""
    case = case_file(f"C-{number:02}")
    point = Point(22.53 + number * 0.003, 113.93 + (number % 3) * 0.004)
    address = replace(case.addresses[0], point=point)
    appointment = None
    if agreed_at is not None:
        window = Window(agreed_at, agreed_at + timedelta(minutes=30))
        appointment = Appointment(address.address_id, window)
    return replace(case, addresses=(address,), appointment=appointment)


def add_cases(server: ServerContext, cases: Iterable[Case]) -> None:
    """Store cases as an import would."""
    with writing(server.engine) as conn:
        save_bank_parts(conn, list(cases), server.clock.now())
