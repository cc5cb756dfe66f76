"""Turns the rows of a staff table into pairs of officers, and says all that is wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from fieldsync.domain.officer import LunchBreak, Officer, Pair, TravelMode
from fieldsync.domain.place import Datum
from fieldsync.schemas import cells
from fieldsync.schemas.book_rows import Cell, Row, read_row
from fieldsync.schemas.case_import import NumberedRow, Source, problem_of
from fieldsync.schemas.coordinates import point_in
from fieldsync.schemas.fault import Fault, Problem
from fieldsync.words import words

STAFF_COLUMNS = (
    "pair_id", "branch", "officer1_id", "officer1_name", "officer2_id", "officer2_name",
    "start_lat", "start_lon", "end_lat", "end_lon", "datum", "shift_start", "shift_end", "zone",
    "max_stops", "languages", "skills", "mode", "lunch_minutes", "lunch_from", "lunch_until",
)  # fmt: skip
STAFF_REQUIRED = STAFF_COLUMNS[:8]
_SHIFT_START, _SHIFT_END = time(8, 30), time(18)
_MAX_STOPS = 14
_BACKWARDS = Fault(
    "422.201",
    words("The shift ends before it begins."),
    words("Give shift_start and a later shift_end of the same day."),
)
_ALONE = Fault(
    "422.202",
    words("A pair needs two different officers."),
    words("Name the second officer: nobody visits alone."),
)
_IN_TWO = Fault(
    "422.203",
    words("This officer or pair is in the table more than once."),
    words("An officer walks in one pair a day: keep one row."),
)
_NO_STOPS = Fault(
    "422.204",
    words("The pair may not visit anybody."),
    words("Write how many stops a day it may have, 1 to 40, or leave the cell empty."),
)
_MOST_STOPS = 40
# The house's break, where the table says nothing: at noon, long enough to sit down.
_LUNCH = LunchBreak(45, time(11, 30), time(13, 30))
_LONGEST_LUNCH_MINUTES = 180
_NO_LUNCH = Fault(
    "422.205",
    words("This is not a break that a day has room for."),
    words("Write minutes (0 to 180, 0 for none) and a lunch_from that is not after lunch_until."),
)


class StaffRow(Row):
    """One pair."""

    pair_id = Cell(cells.identifier, required=True)
    branch = Cell(cells.identifier, required=True)
    officer1_id = Cell(cells.identifier, required=True)
    officer1_name = Cell(cells.text, required=True)
    officer2_id = Cell(cells.identifier, required=True)
    officer2_name = Cell(cells.text, required=True)
    start_lat = Cell(cells.degrees, required=True)
    start_lon = Cell(cells.degrees, required=True)
    end_lat = Cell(cells.degrees)
    end_lon = Cell(cells.degrees)
    datum = Cell(cells.one_of(Datum))
    shift_start = Cell(cells.clock_time)
    shift_end = Cell(cells.clock_time)
    max_stops = Cell(cells.whole_number)
    languages = Cell(cells.languages)
    skills = Cell(cells.skills)
    mode = Cell(cells.one_of(TravelMode))
    lunch_minutes = Cell(cells.whole_number)
    lunch_from = Cell(cells.clock_time)
    lunch_until = Cell(cells.clock_time)


@dataclass(frozen=True, slots=True)
class StaffRead:
    """The pairs of a table, usable only where `problems` is empty."""

    pairs: tuple[Pair, ...]
    problems: tuple[Problem, ...]


def read_staff(rows: Sequence[NumberedRow], header: Sequence[str], source: Source) -> StaffRead:
    """The pairs of all rows; every problem of every row."""
    schema = StaffRow()
    places = {title.strip().lower(): index for index, title in enumerate(header)}
    read = []
    for number, row in rows:
        raw = {
            column: row[places[column]].strip()
            for column in STAFF_COLUMNS
            if column in places and places[column] < len(row) and row[places[column]].strip()
        }
        read.append((number, raw, *read_row(schema, raw)))
    twice = _twice([values for _number, _raw, values, _faults in read])
    pairs, problems = [], []
    for number, raw, values, faults in read:
        faults.extend(_faults_between(values, twice))
        pair = _pair(values, faults)
        if pair is not None:
            pairs.append(pair)
        problems += [
            problem_of(source, number, column, raw.get(column, ""), fault)
            for column, fault in faults
        ]
    return StaffRead(tuple(pairs), tuple(problems))


def _twice(rows: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Officers and pairs named in more than one row."""
    named = Counter(
        name
        for row in rows
        # A set: the same officer twice in one row is another fault.
        for name in {row.get(c) for c in ("pair_id", "officer1_id", "officer2_id")}
        if name is not None
    )
    return frozenset(name for name, count in named.items() if count > 1)


def _faults_between(values: Mapping[str, Any], twice: frozenset[str]) -> list[tuple[str, Fault]]:
    columns = ("pair_id", "officer1_id", "officer2_id")
    faults = [(column, _IN_TWO) for column in columns if values.get(column) in twice]
    if values.get("officer2_id") and values.get("officer1_id") == values.get("officer2_id"):
        faults.append(("officer2_id", _ALONE))
    if values.get("shift_start", _SHIFT_START) >= values.get("shift_end", _SHIFT_END):
        faults.append(("shift_end", _BACKWARDS))
    if not 1 <= values.get("max_stops", _MAX_STOPS) <= _MOST_STOPS:
        faults.append(("max_stops", _NO_STOPS))
    if values.get("lunch_minutes", _LUNCH.minutes) > _LONGEST_LUNCH_MINUTES:
        faults.append(("lunch_minutes", _NO_LUNCH))
    if values.get("lunch_from", _LUNCH.earliest) > values.get("lunch_until", _LUNCH.latest):
        faults.append(("lunch_until", _NO_LUNCH))
    return faults


def _lunch(values: Mapping[str, Any]) -> LunchBreak | None:
    minutes = values.get("lunch_minutes", _LUNCH.minutes)
    if not minutes:
        return None
    begins = values.get("lunch_from", _LUNCH.earliest), values.get("lunch_until", _LUNCH.latest)
    return LunchBreak(minutes, *begins)


def _pair(values: Mapping[str, Any], faults: list[tuple[str, Fault]]) -> Pair | None:
    start = point_in(values, "start", faults)
    end = point_in(values, "end", faults) or start
    if faults or start is None or end is None:
        return None
    branch = values["branch"]
    first, second = (
        Officer(values[f"officer{n}_id"], values[f"officer{n}_name"], branch) for n in (1, 2)
    )
    zone = values.get("zone")
    return Pair(
        pair_id=values["pair_id"],
        branch=branch,
        officers=(first, second),
        start=start,
        end=end,
        shift_start=values.get("shift_start", _SHIFT_START),
        shift_end=values.get("shift_end", _SHIFT_END),
        zone=zone.key if zone else "Asia/Shanghai",
        max_stops=values.get("max_stops", _MAX_STOPS),
        languages=values.get("languages", ()),
        skills=values.get("skills", ()),
        mode=values.get("mode", TravelMode.CAR),
        lunch=_lunch(values),
    )
