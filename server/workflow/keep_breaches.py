"""Keeps what a breach was found by: the rules, the facts they looked at, and the editions of the packs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.verdict import Finding
from fieldsync.sync.operation import Operation
from server.store.audit import record


def keep_breaches(
    conn: Connection,
    operation: Operation,
    breaches: Sequence[Finding],
    rulesets: Sequence[Ruleset],
    at: datetime,
) -> None:
    """One line of the audit log where a record broke rules; the facts of findings are never personal."""
    if not breaches:
        return
    record(
        conn,
        at=at,
        actor="server",
        action="rules.broken",
        subject=operation.op_id,
        detail={
            "packs": {pack.name: pack.version for pack in rulesets},
            "findings": [{"rule": one.rule, "facts": dict(one.facts)} for one in breaches],
        },
    )
