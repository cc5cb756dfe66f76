"""The measures of a conduct report that are about what the office owes: holds, answers, promises, notices."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from fieldsync.domain.case import AgreementState
from fieldsync.locale.names import AGREEMENT_STATES
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import Words, words
from server.store.cases import load_bank_parts
from server.store.conduct_duties import (
    Duty,
    Told,
    agreements_signed,
    complaints_received,
    disclosed,
    holds_set,
    notices_written,
    reviews_opened,
    told_of_holds,
)
from server.store.conduct_records import recorded
from server.workflow.conduct_duty_states import (
    DutyState,
    PromiseState,
    duty_state,
    promise_states,
)
from server.workflow.conduct_measure import (
    Breakdown,
    Figure,
    Measure,
    breakdown,
    counted,
    spread,
    total_of,
)
from server.workflow.conduct_visits import BY_BRANCH, HOLD_NAMES, Asked

_DUTY_NAMES: dict[str, Words] = {
    DutyState.IN_TIME.value: words("answered in time"),
    DutyState.LATE.value: words("answered late"),
    DutyState.OPEN.value: words("open, not due yet"),
    DutyState.OVERDUE.value: words("open and overdue"),
}
_PROMISE_NAMES: dict[str, Words] = {
    PromiseState.KEPT.value: words("kept"),
    PromiseState.IN_PART.value: words("kept in part"),
    PromiseState.NOT_KEPT.value: words("not kept"),
    PromiseState.NOT_DUE.value: words("not due yet"),
}
_KNOWN, _WAITING = "known", "waiting"
_REACH_NAMES: dict[str, Words] = {
    _KNOWN: words("known to know"),
    _WAITING: words("not known to know yet"),
}
_GIVEN, _NOT_GIVEN = "given", "not_given"
_NOTICE_NAMES: dict[str, Words] = {
    _GIVEN: words("given"),
    _NOT_GIVEN: words("written, not given"),
}


@dataclass(frozen=True, slots=True)
class Today:
    """The day by which a duty is judged, in the branch's zone."""

    day: date
    zone: ZoneInfo


def duty_measures(asked: Asked, today: Today) -> Iterable[Measure]:
    """Every measure about holds, answers, promises and notices, in the order of the report."""
    yield _holds(asked)
    yield _hardship(asked, today)
    yield _complaints(asked, today)
    yield _promises(asked, today)
    yield _agreements(asked)
    yield _notices(asked)


def _holds(asked: Asked) -> Measure:
    """How long the office had to wait for a record is the device's matter; this is the way back down."""
    kinds = [row.kind for row in holds_set(asked.conn, asked.span)]
    told = told_of_holds(asked.conn, asked.span)
    reached = [_WAITING if one.known_at is None else _KNOWN for one in told]
    return Measure(
        "holds",
        words("Holds, and how fast they reached every device"),
        words(
            "From the office's knowledge to each other officer's: counted once a device of theirs shows that it has it."
        ),
        total_of(words("Holds set"), len(kinds)),
        (
            breakdown("hold", words("by kind"), counted(kinds), HOLD_NAMES),
            breakdown(
                "reach",
                words("officers who had to learn of them"),
                counted(reached, (_KNOWN, _WAITING)),
                _REACH_NAMES,
            ),
        ),
        _times(told),
    )


def _times(told: Sequence[Told]) -> tuple[Figure, ...]:
    seconds = [(one.known_at - one.at).total_seconds() for one in told if one.known_at]
    return spread(
        seconds,
        middle=words("median until known"),
        most=words("95 of 100 knew within"),
        worst=words("slowest"),
    )


def _hardship(asked: Asked, today: Today) -> Measure:
    duties = reviews_opened(asked.conn, asked.span)
    return Measure(
        "hardship",
        words("Hardship told"),
        words("Each stops collection at once; the hardship team owes an answer by a day."),
        total_of(words("Disclosures"), disclosed(asked.conn, asked.span)),
        (_in_time(duties, today),),
    )


def _complaints(asked: Asked, today: Today) -> Measure:
    came = complaints_received(asked.conn, asked.span)
    branches = asked.branches(one.branch for one in came)
    about = (officer for one in came for officer in one.about_officers)
    return Measure(
        "complaints",
        words("Complaints"),
        words("What borrowers complained of, and whether the law's day for the answer was kept."),
        total_of(words("Complaints"), len(came)),
        (branches, asked.officers(about, branches), _in_time([c.duty for c in came], today)),
    )


def _in_time(duties: Iterable[Duty], today: Today) -> Breakdown:
    states = Counter(duty_state(d.due, d.done_at, today.zone, today.day) for d in duties)
    counts = {state.value: states[state.value] for state in DutyState}
    return breakdown("answer", words("answers owed"), counts, _DUTY_NAMES)


def _promises(asked: Asked, today: Today) -> Measure:
    finished = [
        record
        for record in recorded(asked.conn, asked.span, OperationKind.VISIT_FINISH)
        if record.payload.get("promise")
    ]
    known = load_bank_parts(asked.conn, sorted({record.case_id for record in finished}))
    states = Counter(promise_states(finished, known, today.zone, today.day))
    counts = {state.value: states[state.value] for state in PromiseState}
    return Measure(
        "promises",
        words("Promises to pay"),
        words("Payments of the bank's book held against each promise and its day."),
        total_of(words("Promises to pay"), len(finished)),
        (breakdown("promise", words("what became of them"), counts, _PROMISE_NAMES),),
    )


def _agreements(asked: Asked) -> Measure:
    states = agreements_signed(asked.conn, asked.span)
    names: dict[str, Words] = {state.value: name for state, name in AGREEMENT_STATES.items()}
    counts = counted(states, (AgreementState.PERFORMING.value, AgreementState.BROKEN.value))
    return Measure(
        "agreements",
        words("Instalment plans signed"),
        words("How the plans that were signed in this time stand now."),
        total_of(words("Instalment plans signed"), len(states)),
        (breakdown("agreement", words("how they stand"), counts, names),),
    )


def _notices(asked: Asked) -> Measure:
    written = notices_written(asked.conn, asked.span)
    given = [_GIVEN if row.given_at is not None else _NOT_GIVEN for row in written]
    return Measure(
        "notices",
        words("Notices of visits"),
        words("What borrowers were told beforehand: when we come, and what they may answer."),
        total_of(words("Notices of visits"), len(written)),
        (
            breakdown(
                "notice", words("whether given"), counted(given, _NOTICE_NAMES), _NOTICE_NAMES
            ),
            breakdown("branch", BY_BRANCH, counted((r.branch for r in written), asked.staff)),
        ),
    )
