"""What the judgement of many operations looks up, read once for all of them and kept in step after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.agreements.mandate import Mandate
from fieldsync.domain.case import Case
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import OutcomeKind
from server.store.assignments import Spans, spans_of
from server.store.cases import bank_versions, load_cases
from server.store.operations import broken_seals, missing_files, outcomes_of
from server.store.pairs import colleagues_of
from server.workflow.judge_conduct import JUDGED
from server.workflow.log_order import LogPlaces, look_up


@dataclass(slots=True)
class BatchFacts:
    """The store as one write transaction sees it, as far as some operations ask.

    `mandate` is what officers may offer; `cases` are locked; `outcomes` hold what the operations depend on, `spans` when whose the cases
    were, `missing` the files that have not come,
    `seal_faults` what is wrong with the seals of documents, `log` where the judged stand in their logs.
    """

    mandate: Mandate
    cases: dict[str, Case] = field(default_factory=dict)
    bank_versions: dict[str, int] = field(default_factory=dict)
    spans: dict[tuple[str, str], Spans] = field(default_factory=dict)
    outcomes: dict[str, OutcomeKind] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    seal_faults: dict[str, str] = field(default_factory=dict)
    log: LogPlaces = field(default_factory=LogPlaces)
    _colleagues: dict[str, frozenset[str]] = field(default_factory=dict)

    def was_assigned(self, case_id: str, officer_id: str, instant: datetime) -> bool:
        """Whether the case is the officer's now, or was at that instant."""
        for since, until in self.spans.get((case_id, officer_id), ()):
            if until is None or since <= instant <= until:
                return True
        return False

    def missing_of(self, operation: Operation) -> tuple[str, ...]:
        """Those of its files that have not come yet, in its own order."""
        if not operation.attachments:
            return ()
        return tuple(a.sha256 for a in operation.attachments if a.sha256 in self.missing)

    def colleagues(self, conn: Connection, officer_id: str) -> frozenset[str]:
        """The officers of this officer's branch, asked for once."""
        if officer_id not in self._colleagues:
            self._colleagues[officer_id] = colleagues_of(conn, officer_id)
        return self._colleagues[officer_id]

    def reread(self, conn: Connection, case_ids: Iterable[str]) -> None:
        """Some of these cases were changed by this very transaction."""
        changed = [case_id for case_id in case_ids if case_id in self.cases]
        if changed:
            self.cases |= load_cases(conn, changed)


def gather(conn: Connection, asked: Sequence[Operation], mandate: Mandate) -> BatchFacts:
    """Everything that is asked about these operations, their cases locked until the end."""
    case_ids = sorted({operation.case_id for operation in asked if operation.case_id})
    agreed = sorted(
        {o.case_id for o in asked if o.kind == OperationKind.AGREEMENT_SIGN and o.case_id}
    )
    before = sorted({op_id for operation in asked for op_id in operation.depends_on})
    named = list(dict.fromkeys(a.sha256 for operation in asked for a in operation.attachments))
    cases = load_cases(conn, case_ids)
    return BatchFacts(
        mandate=mandate,
        cases=cases,
        bank_versions=bank_versions(conn, agreed),
        spans=spans_of(conn, list(cases)),
        outcomes=outcomes_of(conn, before),
        missing=frozenset(missing_files(conn, named)),
        seal_faults=broken_seals(conn, named) if agreed else {},
        log=look_up(conn, asked, cases, JUDGED),
    )
