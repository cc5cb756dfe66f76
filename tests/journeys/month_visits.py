"""What happens at the doors of the simulated month, drawn from a seed: who opens, what is said, what is recorded."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.domain.visit import OutcomeCode
from tests.journeys.month_device import MonthDevice
from tests.server.case_files import disclosure

# How often a visit ends so, of a hundred.
OUTCOMES = {
    "NOBODY": 46,
    "MET_DEBTOR": 9,
    "PTP": 14,
    "MET_FAMILY": 7,
    "REFUSED_TALK": 5,
    "HARDSHIP": 6,
    "DISPUTE": 3,
    "MOVED": 3,
    "CEASE_REQUEST": 2,
    "ASKED_TO_LEAVE": 4,
    "UNSAFE": 1,
}
STOPS = {"ASKED_TO_LEAVE": "asked_to_leave", "UNSAFE": "unsafe"}
COMPLAINTS_OF_100, WRONGDOERS_OF_1000 = 4, 6


@dataclass(slots=True)
class Doors:
    """The doors of a month and what was counted there."""

    rng: random.Random
    counted: Counter[str] = field(default_factory=Counter)

    def visit(self, device: MonthDevice, day: Itinerary, stop: Stop) -> None:
        """One stop: refused by the device, or made; now and then by somebody who asks no rule."""
        crew = tuple(officer.officer_id for officer in day.officers)
        at = stop.start
        if self.rng.randrange(1000) < WRONGDOERS_OF_1000:
            at = at.replace(hour=7, minute=self.rng.randrange(60))
            self.counted["early on purpose"] += 1
        else:
            verdict = device.may_start(stop.case_id, stop.address_id, at, crew)
            if verdict is None:
                self.counted["gone from the device"] += 1
                return
            if not verdict.allowed:
                refused = {
                    "address_id": stop.address_id,
                    "action": "visit.start",
                    "findings": to_builtins(verdict.refusals),
                }
                device.record("visit.refused", stop.case_id, refused, at)
                self.counted["refused"] += 1
                return
        self._make(device, stop, crew, at)

    def try_too_early(self, device: MonthDevice, day: Itinerary) -> None:
        """A pair that stands at the first door before eight is refused, and that is kept."""
        stop = day.stops[0]
        crew = tuple(officer.officer_id for officer in day.officers)
        at = stop.start.replace(hour=7, minute=40)
        verdict = device.may_start(stop.case_id, stop.address_id, at, crew)
        if verdict is not None:
            assert not verdict.allowed
            refused = {
                "address_id": stop.address_id,
                "action": "visit.start",
                "findings": to_builtins(verdict.refusals),
            }
            device.record("visit.refused", stop.case_id, refused, at)
            self.counted["refused"] += 1

    def _make(self, device: MonthDevice, stop: Stop, crew: tuple[str, ...], at: datetime) -> None:
        self.counted["started"] += 1
        visit_id, case_id = device.device.new_id(), stop.case_id
        start = {
            "visit_id": visit_id,
            "address_id": stop.address_id,
            "officers": list(crew),
            "packs": {"cn": "1", "house": "1"},
            "expected_end": (at + timedelta(minutes=40)).isoformat(),
        }
        device.record("visit.start", case_id, start, at)
        outcome = self.rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
        end = at + timedelta(minutes=self.rng.randrange(4, 25))
        seconds = self._what_was_said(device, case_id, visit_id, outcome, end)
        promise = self._promise(end) if outcome == "PTP" else None
        finish = {
            "visit_id": visit_id,
            "outcome": outcome,
            "identity_shown": outcome != "NOBODY",
            "promise": promise,
            "exit_seconds": seconds,
            "overrun_s": 0,
        }
        device.record("visit.finish", case_id, finish, end)
        self.counted[outcome] += 1
        until = date.fromisoformat(promise["date"]) if promise else None
        device.note_visit(case_id, at, OutcomeCode(outcome), until)

    def _what_was_said(
        self, device: MonthDevice, case_id: str, visit_id: str, outcome: str, end: datetime
    ) -> int | None:
        """The record beside the end of the visit; seconds to the exit where it was broken off."""
        if outcome == "HARDSHIP":
            told = disclosure(device.device.new_id(), case_id, end)
            device.record("hardship.disclose", case_id, told | {"visit_id": visit_id}, end)
        if outcome in STOPS:
            stopped = {"visit_id": visit_id, "cause": STOPS[outcome]}
            device.record("visit.stop", case_id, stopped, end)
        if self.rng.randrange(100) < COMPLAINTS_OF_100:
            self.counted["complaints"] += 1
            said = self._complaint(device, case_id, visit_id, end)
            device.record("complaint.record", case_id, said, end)
        return self.rng.randrange(15, 240) if outcome in STOPS else None

    def _complaint(
        self, device: MonthDevice, case_id: str, visit_id: str, at: datetime
    ) -> dict[str, Any]:
        return {
            "complaint_id": device.device.new_id(),
            "case_id": case_id,
            "at": at.isoformat(),
            "topic": self.rng.choice(["conduct", "frequency", "amount"]),
            "text": "They came although I had asked for a letter.",
            "about_officers": [device.officer_id],
            "visit_id": visit_id,
            "in_writing": False,
        }

    def _promise(self, at: datetime) -> dict[str, Any]:
        by = at.date() + timedelta(days=self.rng.randrange(3, 12))
        return {"date": by.isoformat(), "amount_minor": 50_000, "currency": "CNY"}
