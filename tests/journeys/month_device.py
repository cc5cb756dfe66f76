"""An officer's device in the simulated month: what it fetched, what its rules say, what it records."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.visit_outcomes import hold_after, reached_by
from fieldsync.domain.case import Case, Channel, ContactAttempt
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.verdict import Verdict
from fieldsync.domain.visit import OutcomeCode
from fieldsync.sync.operation import Operation
from tests.server.field_device import FieldDevice

_BATCH = 300


@dataclass(slots=True)
class MonthDevice:
    """A device that keeps its copy as its officer would have it, offline between two exchanges."""

    officer_id: str
    device: FieldDevice
    cases: dict[str, Case] = field(default_factory=dict)
    itineraries: dict[str, Itinerary] = field(default_factory=dict)
    sent: int = 0

    def exchange(self) -> None:
        """Send what is new, then fetch until nothing is left."""
        complete = False
        while not complete or self.sent < len(self.device.journal):
            fresh = self.device.journal[self.sent : self.sent + _BATCH]
            answer = self.device.push(*fresh, cursor=self.device.cursor)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            told = answer.get_json()
            self.sent += len(fresh)
            self.device.cursor, complete = told["cursor"], told["complete"]
            for change in told["changes"]:
                self._take(change)

    def _take(self, change: dict[str, Any]) -> None:
        kind, _, name = change["key"].partition(":")
        gone = change["op"] == "REMOVE"
        if kind == "case":
            self.cases.pop(name, None)
            if not gone:
                self.cases[name] = from_builtins(change["body"], Case)
        elif kind == "itinerary":
            self.itineraries.pop(name, None)
            if not gone:
                self.itineraries[name] = from_builtins(change["body"], Itinerary)

    def today(self, now: datetime) -> Itinerary | None:
        """The pair's day."""
        days = [one for one in self.itineraries.values() if one.shift.start.date() == now.date()]
        return days[0] if days else None

    def may_start(
        self, case_id: str, address_id: str, at: datetime, officers: tuple[str, ...]
    ) -> Verdict | None:
        """What the rules say at the door; None where the case has left the device."""
        case = self.cases.get(case_id)
        if case is None:
            return None
        facts = facts_of(case, case.address(address_id), at, officers)
        return evaluate(facts, builtin_rulesets())

    def note_visit(
        self, case_id: str, at: datetime, outcome: OutcomeCode, promise_until: date | None
    ) -> None:
        """The visit counts on this device at once, and what was said stops collection here at once."""
        case = self.cases[case_id]
        attempt = ContactAttempt(
            at, Channel.VISIT, reached_by(outcome), promise_until=promise_until
        )
        hold = hold_after(outcome, f"here-{at.isoformat()}", at, "")
        self.cases[case_id] = replace(
            case,
            contacts=(*case.contacts, attempt),
            holds=(*case.holds, hold) if hold else case.holds,
        )

    def record(self, kind: str, case_id: str, payload: dict[str, Any], at: datetime) -> Operation:
        """Add to the log."""
        return self.device.record(kind, case_id, payload, at=at)
