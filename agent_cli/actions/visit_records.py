"""What every step of a visit shares: may it come now, its record, and the record of a rule's no."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent_cli.actions.door import packs_of
from agent_cli.actions.record import record_operation
from agent_cli.cipher import sqlite3
from agent_cli.context import DeviceContext
from agent_cli.store import visits
from agent_cli.store.database import writing
from fieldsync.conduct.facts import Action
from fieldsync.conduct.visit_states import Event, VisitStage, after, stage_of
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.place import Address
from fieldsync.domain.verdict import Finding
from fieldsync.domain.visit import Visit
from fieldsync.errors import ConflictError, RefusedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import AttachmentRef, Operation
from fieldsync.words import words


def require(visit: Visit, event: Event) -> None:
    """ConflictError 600.27 where the visit stands so that this may not come now."""
    stage = stage_of(visit)
    why = after(stage, event)
    if isinstance(why, VisitStage):
        return
    hint = (
        words("Leave, then `fieldsync visit finish {case_id}`.", case_id=visit.case_id)
        if stage is VisitStage.STOPPED
        else words("Record it with `fieldsync visit identity {case_id}`.", case_id=visit.case_id)
        if stage is VisitStage.CHECKED_IN
        else None
    )
    raise ConflictError("600.27", why, hint)


def record_of_visit(
    ctx: DeviceContext,
    conn: sqlite3.Connection,
    visit: Visit,
    kind: OperationKind,
    payload: Mapping[str, Any],
    attachments: Sequence[AttachmentRef] = (),
) -> Operation:
    """Append a record of this visit, which comes after what was recorded of it before."""
    before = visits.last_operation(conn, visit.visit_id)
    return record_operation(
        ctx,
        conn,
        kind,
        visit.case_id,
        payload,
        depends_on=() if before is None else (before,),
        attachments=attachments,
    )


def record_refusal(
    ctx: DeviceContext,
    case: Case,
    address: Address,
    action: Action,
    findings: Sequence[Finding],
    wrong: Mapping[str, int] | None = None,
) -> None:
    """Keep that a rule said no, so that nobody needs to hide it; `wrong` secrets tried, by officer.

    With it stand the editions of the packs that were asked, since rules change.
    """
    payload: dict[str, Any] = {
        "address_id": address.address_id,
        "action": action.value,
        "findings": [to_builtins(finding) for finding in findings],
        "packs": {pack.name: pack.version for pack in packs_of(ctx)},
    }
    if wrong:
        payload["wrong_secrets"] = dict(wrong)
    with writing(ctx.conn) as conn:
        record_operation(ctx, conn, OperationKind.VISIT_REFUSED, case.case_id, payload)


def refused(findings: Sequence[Finding]) -> RefusedError:
    """The error that tells which rules say no; the findings travel in its details."""
    return RefusedError(
        "451.61",
        words(
            "The rules do not allow this now: {rules}.", rules=", ".join(f.rule for f in findings)
        ),
        words("It is recorded that you asked. Nothing else was started."),
        findings=[to_builtins(finding) for finding in findings],
    )
