"""The measures of a conduct report that are about visits: made, refused, in breach, broken off, too long."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from fieldsync.domain.visit import OutcomeCode
from fieldsync.locale.names import HOLD_KINDS, STOP_CAUSES
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import Words, words
from server.store.conduct_duties import holds_lifted, visits_of
from server.store.conduct_records import (
    Recorded,
    Span,
    accepted_over_findings,
    breaches,
    recorded,
)
from server.workflow.conduct_measure import (
    Breakdown,
    Measure,
    breakdown,
    by_branch,
    by_officer,
    counted,
    spread,
    total_of,
)

BY_RULE, BY_BRANCH, BY_OFFICER = words("by rule"), words("by branch"), words("by officer")
HOLD_NAMES: dict[str, Words] = {kind.value: name for kind, name in HOLD_KINDS.items()}
_UNNAMED = "unnamed"
_CAUSES: dict[str, Words] = {
    **{cause.value: name for cause, name in STOP_CAUSES.items()},
    _UNNAMED: words("not said why"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is asked: the span, and by branch the officers who have a line in it."""

    conn: Connection
    span: Span
    staff: Mapping[str, Sequence[str]]

    def branches(self, told: Iterable[str]) -> Breakdown:
        """A table by branch."""
        return by_branch(BY_BRANCH, told, self.staff)

    def officers(self, told: Iterable[str], branches: Breakdown) -> Breakdown:
        """A table by officer."""
        return by_officer(BY_OFFICER, told, self.staff, branches)


def visit_measures(asked: Asked) -> Iterable[Measure]:
    """Every measure about visits, in the order of the report."""
    made = visits_of(asked.conn, asked.span)
    finished = tuple(recorded(asked.conn, asked.span, OperationKind.VISIT_FINISH))
    yield _visits(asked, made)
    yield _refusals(asked)
    yield _breaches(asked)
    yield _overrides(asked)
    yield _exits(made, finished)
    yield _overruns(asked, finished)


def _visits(asked: Asked, made: Sequence[Row[Any]]) -> Measure:
    return Measure(
        "visits",
        words("Visits made"),
        words("Visits that began in this time, as accepted records tell them."),
        total_of(words("Visits made"), len(made)),
        (asked.branches(row.branch for row in made),),
    )


def _refusals(asked: Asked) -> Measure:
    """One refusal may cite several rules, and every one of them counts."""
    refused = list(recorded(asked.conn, asked.span, OperationKind.VISIT_REFUSED))
    rules = [finding["rule"] for record in refused for finding in record.payload["findings"]]
    return Measure(
        "refusals",
        words("Visits refused by a rule"),
        words("The device said no at the door; a refusal may cite several rules."),
        total_of(words("Visits refused by a rule"), len(refused)),
        (
            breakdown("rule", BY_RULE, counted(rules)),
            asked.branches(record.branch for record in refused),
        ),
    )


def _breaches(asked: Asked) -> Measure:
    found = breaches(asked.conn, asked.span)
    branches = asked.branches(breach.branch for breach in found)
    return Measure(
        "breaches",
        words("Breaches found when records came in"),
        words("Records that had broken a rule; each is kept and a person looks at it."),
        total_of(words("Breaches found when records came in"), len(found)),
        (
            breakdown("rule", BY_RULE, counted(breach.rule for breach in found)),
            branches,
            asked.officers((breach.officer_id for breach in found), branches),
        ),
    )


def _overrides(asked: Asked) -> Measure:
    accepted = accepted_over_findings(asked.conn, asked.span)
    lifted = [row.kind for row in holds_lifted(asked.conn, asked.span)]
    return Measure(
        "overrides",
        words("Decisions of the office over a rule or a hold"),
        words("Holds that a person ended, and records that a person accepted over a finding."),
        total_of(
            words("Decisions of the office over a rule or a hold"), len(accepted) + len(lifted)
        ),
        (
            breakdown("hold_lifted", words("holds ended, by kind"), counted(lifted), HOLD_NAMES),
            breakdown(
                "accepted_over_rule", words("records accepted over a finding"), counted(accepted)
            ),
        ),
    )


def _exits(made: Sequence[Row[Any]], finished: Sequence[Recorded]) -> Measure:
    """The device times the exit; where it did not, the records' own times tell it."""
    timed = {record.payload["visit_id"]: record.payload.get("exit_seconds") for record in finished}
    stopped = [row for row in made if row.stopped_at is not None or _asked_to_leave(row)]
    seconds = [
        took for row in stopped if (took := _exit_s(row, timed.get(row.visit_id))) is not None
    ]
    return Measure(
        "exits",
        words("Visits broken off at once"),
        words("“Please leave”, distress, a minor alone, danger: seconds until the officers left."),
        total_of(words("Visits broken off at once"), len(stopped)),
        (
            breakdown(
                "cause",
                words("by cause"),
                counted(row.stop_cause or _UNNAMED for row in stopped),
                _CAUSES,
            ),
        ),
        spread(seconds, middle=words("median to the exit"), worst=words("longest to the exit")),
    )


def _exit_s(row: Row[Any], timed: int | None) -> float | None:
    """Seconds from the stop to the exit; None where neither the device nor the records tell them."""
    if timed is not None:
        return float(timed)
    if row.finished_at is None or row.stopped_at is None:
        return None
    return float((row.finished_at - row.stopped_at).total_seconds())


def _asked_to_leave(row: Row[Any]) -> bool:
    return bool(row.outcome == OutcomeCode.ASKED_TO_LEAVE.value)


def _overruns(asked: Asked, finished: Sequence[Recorded]) -> Measure:
    over = [record for record in finished if (record.payload.get("overrun_s") or 0) > 0]
    return Measure(
        "overruns",
        words("Visits that ran past the allowed hour"),
        words("How long after the hour at which the rules end a visit it really ended."),
        total_of(words("Visits that ran past the allowed hour"), len(over)),
        (asked.branches(record.branch for record in over),),
        spread(
            [float(record.payload["overrun_s"]) for record in over],
            middle=words("median beyond the hour"),
            worst=words("longest beyond the hour"),
        ),
    )
