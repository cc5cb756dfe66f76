"""Reads, for the conduct report, what officers recorded in a span of days and what the office made of it.

A report counts by case branch; nothing here reads what a debt amounts to beyond what was promised and paid.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import decode_body
from server.store.tables import audit, cases, devices, operations

_RULE = "rule."
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `since` (included) to `until` (not), and the branch asked for; None is all."""

    since: datetime
    until: datetime
    branch: str | None = None

    def holds(self, instant: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        """The conditions for an instant of a case; the statement joins `cases`."""
        within = (instant >= self.since, instant < self.until)
        return within if self.branch is None else (*within, cases.c.branch == self.branch)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record of an officer on a case, with the case's branch."""

    op_id: str
    case_id: str
    branch: str
    officer_id: str
    at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Breach:
    """A record that had broken a rule when it came."""

    rule: str
    branch: str
    officer_id: str


def recorded(conn: Connection, span: Span, kind: OperationKind) -> Iterable[Recorded]:
    """The records of a kind that were made in the span, whatever became of them."""
    query = _of_cases(operations.c.op_id, operations.c.body).where(
        operations.c.kind == kind.value, *span.holds(operations.c.occurred_at)
    )
    for row in conn.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        operation = decode_body(row.body)
        yield Recorded(
            row.op_id,
            row.case_id,
            row.branch,
            row.officer_id,
            operation.occurred_at,
            dict(operation.payload),
        )


def breaches(conn: Connection, span: Span) -> list[Breach]:
    """Records of the span that broke a rule, also those that a person has decided on since."""
    decided = {
        op_id: rule
        for op_id, rule, _ in _decisions_over_findings(conn, audit.c.action.like("review.%"))
    }
    query = _of_cases(operations.c.op_id, operations.c.reason).where(
        operations.c.reason.is_not(None), *span.holds(operations.c.occurred_at)
    )
    found = []
    for row in conn.execute(query):
        rule = decided.get(row.op_id) or _rule_in(json.loads(row.reason).get("code"))
        if rule is not None:
            found.append(Breach(rule, row.branch, row.officer_id))
    return found


def accepted_over_findings(conn: Connection, span: Span) -> list[str]:
    """The rules over whose finding a person accepted a record in the span."""
    accepted = _decisions_over_findings(
        conn, audit.c.action == "review.accepted", audit.c.at >= span.since, audit.c.at < span.until
    )
    rules = {op_id: rule for op_id, rule, _ in accepted}
    return [rules[row.op_id] for row in _in_branch(conn, span, sorted(rules))]


def _decisions_over_findings(
    conn: Connection, *where: ColumnElement[bool]
) -> list[tuple[str, str, datetime]]:
    """(operation, rule, when) of the decisions that the audit log tells of, where a rule had spoken."""
    rows = conn.execute(
        select(audit.c.subject, audit.c.detail, audit.c.at)
        .where(audit.c.detail.contains(f'"{_RULE}'), *where)
        .order_by(audit.c.n)
    )
    told = ((row.subject, _rule_in(json.loads(row.detail).get("was")), row.at) for row in rows)
    return [(op_id, rule, at) for op_id, rule, at in told if rule is not None]


def _in_branch(conn: Connection, span: Span, op_ids: Sequence[str]) -> Sequence[Row[Any]]:
    query = _of_cases(operations.c.op_id).where(operations.c.op_id.in_(op_ids))
    if span.branch is not None:
        query = query.where(cases.c.branch == span.branch)
    return conn.execute(query).all()


def _of_cases(*columns: ColumnElement[Any]) -> Select[Any]:
    """Records with their officer and their case's branch."""
    return (
        select(*columns, operations.c.case_id, cases.c.branch, devices.c.officer_id)
        .join(cases, cases.c.case_id == operations.c.case_id)
        .join(devices, devices.c.device_id == operations.c.device_id)
        .order_by(operations.c.occurred_at, operations.c.op_id)
    )


def _rule_in(code: object) -> str | None:
    """The rule that a reason's code names."""
    return code.removeprefix(_RULE) if isinstance(code, str) and code.startswith(_RULE) else None
