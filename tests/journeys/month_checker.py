"""Checks a server's store against the packs cn and house, reading the law anew: not a line is the product's.

It opens the SQLite file itself, keeps its own calendar and its own list of what may never be, and
imports nothing of Fieldsync (a test holds it to that). What counts against a decision is what had
happened, and had reached the office, when it was made.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

NEVER = datetime.max.replace(tzinfo=UTC)
# Nobody calls between ten at night and eight in the morning (China Banking Association, 2026).
FIRST_MINUTE, LAST_MINUTE = 8 * 60, 22 * 60 - 1
LEAST_DAYS_OVERDUE = 60
LOOK_BACK_DAYS, CHANNELS_NEEDED, DAYS_NEEDED = 30, 3, 5
QUIET_DAYS, VISITS_MOST = 7, 3
STOPPING_FLAGS = {
    "dispute", "represented", "cease_contact", "vulnerable", "minor_at_door", "deceased", "detained",
    "military", "bankrupt", "insolvent", "breathing_space", "crisis_moratorium", "bereavement",
    "calamity", "celebration", "grievance_open", "fraud_victim",
}  # fmt: skip
# Flags that stop visits but not a letter.
VISITS_ONLY = {
    "vulnerable", "minor_at_door", "detained", "military", "bereavement", "calamity", "celebration",
    "grievance_open", "fraud_victim",
}  # fmt: skip
WRONG_PLACE = {"MOVED", "ADDR_NOT_EXIST", "DEMOLISHED", "ADDR_WRONG"}
SPOKE_TO_BORROWER = {
    "MET_DEBTOR", "REFUSED_TALK", "REFUSED_PAY", "PTP", "PTP_PARTIAL", "PLAN_SIGNED", "PAID",
    "DISPUTE", "HARDSHIP", "REPRESENTED", "ASKED_TO_LEAVE", "CEASE_REQUEST",
}  # fmt: skip


@dataclass
class Visit:
    """One accepted visit: when it began, where, what it became, and when the office learned of both."""

    at: datetime
    case_id: str
    address_id: str
    told_at: datetime
    outcome: str = ""
    promise_until: str = ""
    ended_at: datetime = NEVER
    end_told_at: datetime = NEVER


@dataclass(frozen=True)
class Stop:
    """A stop on collection: since when, from when the office knew, and until when."""

    since: datetime
    told_at: datetime
    until: datetime


@dataclass(frozen=True)
class Start:
    """A record that a visit began, when it reached the office, and what the office said to it."""

    body: dict[str, Any]
    told_at: datetime
    outcome: str
    reason: str


@dataclass
class Books:
    """Everything the checker reads, as plain values."""

    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    holds: dict[str, list[Stop]] = field(default_factory=lambda: defaultdict(list))
    plans_signed: dict[str, list[Stop]] = field(default_factory=lambda: defaultdict(list))
    visits: dict[str, Visit] = field(default_factory=dict)
    of_case: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    itineraries: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    notices: list[tuple[str, datetime]] = field(default_factory=list)

    def add_visit(self, visit_id: str, visit: Visit) -> None:
        """Count a visit."""
        self.visits[visit_id] = visit
        self.of_case[visit.case_id].append(visit)


@dataclass(frozen=True)
class Question:
    """A visit to be judged: where, when, by whom.

    What had happened by `decided_at` counts, as far as the office had learned of it by `judged_at`.
    """

    case_id: str
    address_id: str
    at: datetime
    officers: tuple[str, ...]
    decided_at: datetime
    judged_at: datetime

    def knows(self, happened: datetime, told: datetime) -> bool:
        """Whether what happened then, and was told then, counts."""
        return happened <= self.decided_at and told <= self.judged_at


def instant(text: str) -> datetime:
    """An instant as the store or a record writes it; SQLite's have no offset and are UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_books(path: Path) -> Books:
    """Read the store's file."""
    books = Books()
    with sqlite3.connect(path) as db:
        db.row_factory = sqlite3.Row
        for row in db.execute("SELECT case_id, body FROM cases"):
            books.cases[row["case_id"]] = json.loads(row["body"])
        _read_stops(db, books)
        _read_records(db, books)
        for row in db.execute(
            "SELECT i.body, p.published_at FROM itineraries i JOIN plans p USING (plan_id)"
            " WHERE p.published_at IS NOT NULL"
        ):
            books.itineraries.append((instant(row["published_at"]), json.loads(row["body"])))
        for row in db.execute("SELECT case_id, given_at FROM notices WHERE given_at IS NOT NULL"):
            books.notices.append((row["case_id"], instant(row["given_at"])))
    db.close()
    return books


def _read_stops(db: sqlite3.Connection, books: Books) -> None:
    """Holds, and agreements: one that is signed performs until the hold it brought is ended."""
    for row in db.execute(
        "SELECT h.case_id, h.kind, h.since, h.lifted_at, o.received_at FROM holds h"
        " LEFT JOIN operations o ON o.op_id = h.hold_id"
    ):
        since = instant(row["since"])
        told = instant(row["received_at"]) if row["received_at"] else since
        stop = Stop(since, told, instant(row["lifted_at"]) if row["lifted_at"] else NEVER)
        books.holds[row["case_id"]].append(stop)
        if row["kind"] == "agreement":
            books.plans_signed[row["case_id"]].append(stop)


def _read_records(db: sqlite3.Connection, books: Books) -> None:
    """Visits as the officers' own records tell them, in the order in which they were made."""
    rows = db.execute(
        "SELECT body, received_at, outcome, reason FROM operations"
        " WHERE kind IN ('visit.start', 'visit.finish')"
    )
    records = [
        Start(json.loads(r["body"]), instant(r["received_at"]), r["outcome"], r["reason"] or "")
        for r in rows
    ]
    for record in sorted(records, key=lambda one: instant(one.body["occurred_at"])):
        body, payload = record.body, record.body["payload"]
        at, visit = instant(body["occurred_at"]), books.visits.get(payload["visit_id"])
        if body["kind"] == "visit.start":
            books.starts.append(record)
            if record.outcome == "accepted":
                began = Visit(at, body["case_id"], payload["address_id"], record.told_at)
                books.add_visit(payload["visit_id"], began)
        elif record.outcome == "accepted" and visit is not None:
            visit.outcome, visit.ended_at, visit.end_told_at = (
                payload["outcome"],
                at,
                record.told_at,
            )
            visit.promise_until = (payload.get("promise") or {}).get("date", "")


def faults_of(books: Books, asked: Question) -> list[str]:
    """Everything that forbids the visit; empty where it is allowed."""
    case = books.cases[asked.case_id]
    address = next((a for a in case["addresses"] if a["address_id"] == asked.address_id), None)
    if address is None:
        return ["no such address"]
    there = asked.at.astimezone(ZoneInfo(address["zone"]))
    chosen = _chosen(case, there)
    return [
        *_faults_of_hour(case, asked, there),
        *_faults_of_people(asked),
        *_faults_of_standing(books, case, address, asked),
        *([] if chosen == "here" else [chosen] if chosen else []),
        *([] if chosen == "here" else _faults_of_history(books, case, asked, there)),
    ]


def _chosen(case: Mapping[str, Any], there: datetime) -> str:
    """What the borrower chose: "here" is today; another day to come keeps everybody away."""
    appointment = case["appointment"]
    if appointment is None:
        return ""
    day = instant(appointment["window"]["start"]).astimezone(there.tzinfo).date()
    if day == there.date():
        return "here"
    return "another day was chosen" if day > there.date() else ""


def _faults_of_hour(case: Mapping[str, Any], asked: Question, there: datetime) -> Iterator[str]:
    if FIRST_MINUTE <= there.hour * 60 + there.minute <= LAST_MINUTE:
        return
    appointment = case["appointment"]
    agreed = appointment and (
        appointment["address_id"] == asked.address_id
        and instant(appointment["window"]["start"]) <= asked.at
        and asked.at < instant(appointment["window"]["end"])
    )
    allowed = any(
        consent["kind"] == "hours"
        and instant(consent["start"]) <= asked.at
        and (consent["end"] is None or asked.at < instant(consent["end"]))
        for consent in case["consents"]
    )
    if not agreed and not allowed:
        yield f"at {there:%H:%M}"


def _faults_of_people(asked: Question) -> Iterator[str]:
    if len(set(asked.officers)) != 2:
        yield f"{len(set(asked.officers))} officers"


def _faults_of_standing(
    books: Books, case: Mapping[str, Any], address: Mapping[str, Any], asked: Question
) -> Iterator[str]:
    """What stops collection or keeps people from this door."""
    if _stopped(books.holds[asked.case_id], asked):
        yield "on hold"
    if _stopped(books.plans_signed[asked.case_id], asked):
        yield "plan performing"
    for flag in sorted(STOPPING_FLAGS & set(case["flags"])):
        yield f"flag {flag}"
    if address["kind"] == "work" and "employer_prohibits" in case["flags"]:
        yield "employer forbids"
    if address["country"] != "CN":
        yield "no rules for the country"
    if any(
        visit.outcome in WRONG_PLACE
        and visit.address_id == asked.address_id
        and asked.knows(visit.ended_at, visit.end_told_at)
        for visit in books.of_case[asked.case_id]
    ):
        yield "wrong address"


def _stopped(stops: list[Stop], asked: Question) -> bool:
    """Whether one is open; what the visit itself brings about comes after its start."""
    return any(
        asked.knows(stop.since, stop.told_at) and stop.since != asked.decided_at < stop.until
        for stop in stops
    )


def _faults_of_history(
    books: Books, case: Mapping[str, Any], asked: Question, there: datetime
) -> Iterator[str]:
    """A visit is the last resort: long overdue, much tried, nobody spoken to, nothing promised."""
    today, zone = there.date(), there.tzinfo
    stated = date.fromisoformat(case["loan"]["as_of"])
    overdue = case["loan"]["days_past_due"]
    overdue = overdue + max(0, (today - stated).days) if overdue > 0 else 0
    if overdue < LEAST_DAYS_OVERDUE:
        yield f"{overdue} days overdue"
    told = [
        c
        for c in case["contacts"]
        if instant(c["at"]) <= asked.decided_at and c["channel"] != "visit"
    ]
    tried = {
        (c["channel"], instant(c["at"]).astimezone(zone).date())
        for c in told
        if (today - instant(c["at"]).astimezone(zone).date()).days < LOOK_BACK_DAYS
    }
    if len({channel for channel, _ in tried}) < CHANNELS_NEEDED:
        yield "too few channels"
    if len({day for _, day in tried}) < DAYS_NEEDED:
        yield "too few days"
    visits = [
        v for v in books.of_case[asked.case_id] if v.at < asked.at and asked.knows(v.at, v.told_at)
    ]
    ended = [v for v in visits if asked.knows(v.ended_at, v.end_told_at)]
    spoken = [instant(c["at"]) for c in told if c["reached"] == "debtor"]
    spoken += [v.at for v in ended if v.outcome in SPOKE_TO_BORROWER]
    if any((today - at.astimezone(zone).date()).days < QUIET_DAYS for at in spoken):
        yield "spoken to within seven days"
    if sum(asked.at - v.at < timedelta(days=LOOK_BACK_DAYS) for v in visits) >= VISITS_MOST:
        yield "visited three times"
    promised = [c["promise_until"] for c in told] + [v.promise_until for v in ended]
    if any(day and date.fromisoformat(day) >= today for day in promised):
        yield "promise open"


@dataclass
class Findings:
    """What was checked, and what was not allowed."""

    stops: int = 0
    starts: int = 0
    flagged: int = 0
    notices: int = 0
    faults: list[str] = field(default_factory=list)


def check(books: Books) -> Findings:
    """Every published stop, every start of a visit and every notice given."""
    found = Findings(notices=len(books.notices))
    for published_at, itinerary in books.itineraries:
        officers = tuple(officer["officer_id"] for officer in itinerary["officers"])
        for stop in itinerary["stops"]:
            found.stops += 1
            start = instant(stop["start"])
            place = stop["case_id"], stop["address_id"]
            asked = Question(*place, start, officers, published_at, published_at)
            _note(found, f"stop {itinerary['day']} {stop['case_id']}", faults_of(books, asked))
    for record in books.starts:
        _check_start(books, found, record)
    for case_id, given_at in books.notices:
        _note(found, f"notice {given_at} {case_id}", faults_of_notice(books, case_id, given_at))
    return found


def _check_start(books: Books, found: Findings, record: Start) -> None:
    """A start that was not allowed must be marked; one that was accepted must have been allowed."""
    body, payload = record.body, record.body["payload"]
    at, officers = instant(body["occurred_at"]), tuple(payload["officers"])
    asked = Question(body["case_id"], payload["address_id"], at, officers, at, record.told_at)
    faults = faults_of(books, asked)
    found.starts += 1
    if record.outcome != "accepted" and '"rule.' in record.reason:
        found.flagged += 1
        if not faults:
            found.faults.append(f"start {at} {body['case_id']}: marked without cause")
    elif record.outcome == "accepted":
        _note(found, f"start {at} {body['case_id']}", faults)


def faults_of_notice(books: Books, case_id: str, at: datetime) -> list[str]:
    """What forbids a message at that time: the hour, a stop on collection, a flag."""
    case = books.cases[case_id]
    there = at.astimezone(ZoneInfo(case["addresses"][0]["zone"]))
    faults = []
    if not FIRST_MINUTE <= there.hour * 60 + there.minute <= LAST_MINUTE:
        faults.append(f"at {there:%H:%M}")
    if any(stop.since < at < stop.until and stop.told_at <= at for stop in books.holds[case_id]):
        faults.append("on hold")
    stopping = (STOPPING_FLAGS - VISITS_ONLY) & set(case["flags"])
    return faults + [f"flag {flag}" for flag in sorted(stopping)]


def _note(found: Findings, what: str, faults: list[str]) -> None:
    found.faults += [f"{what}: {fault}" for fault in faults]
