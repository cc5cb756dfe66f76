"""Shows records in quarantine: one a line, or one whole with why no log takes it and what was decided."""

from collections.abc import Sequence
from typing import Any

from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _, render
from fieldsync.terminal.output import labelled, say, say_json, table
from fieldsync.words import words
from server.commands.people import names_behind
from server.commands.record_lines import record_lines, shown
from server.commands.show_operation import kind_name, same_zone
from server.context import ServerContext
from server.store.quarantine import Cause, QuarantinedRecord, QuarantineState

_TAIL = 8
QUARANTINED = "quarantined"
CAUSES = {
    Cause.FORKED: words("a copy of the device wrote it"),
    Cause.REVOKED: words("its device was revoked"),
    Cause.RESCUED: words("the rescue file has gaps before it"),
}
# The same as a list has room for it.
_BRIEFLY = {
    Cause.FORKED: words("copied device"),
    Cause.REVOKED: words("revoked device"),
    Cause.RESCUED: words("rescue file"),
}
STATES = {
    QuarantineState.WAITING: words("in quarantine"),
    QuarantineState.ACCEPTED: words("taken in"),
    QuarantineState.REFUSED: words("refused"),
    QuarantineState.ARRIVED: words("came in its log after all"),
}


def quarantine_table(ctx: ServerContext, found: Sequence[QuarantinedRecord]) -> str:
    """The records as a table, each by the end of its hash."""
    borrowers, officers = names_behind(ctx, found)
    heads = [
        _("Id"),
        _("Happened"),
        _("Record"),
        _("Case"),
        _("Borrower"),
        _("Officer"),
        _("Cause"),
    ]
    rows = [
        [
            kept.hash[-_TAIL:],
            f"{kept.operation.occurred_at:%m-%d %H:%M}",
            kind_name(kept.operation.kind),
            kept.operation.case_id or "",
            borrowers.get(kept.operation.case_id or "", ""),
            officers.get(kept.officer_id, kept.officer_id),
            render(_BRIEFLY[kept.cause]),
        ]
        for kept in found
    ]
    return table(rows, heads)


def quarantine_rows(
    ctx: ServerContext, found: Sequence[QuarantinedRecord]
) -> list[dict[str, object]]:
    """The same for programs, with the keys of `review_rows` and two more: `hash` and `cause`."""
    borrowers, officers = names_behind(ctx, found)
    return [
        {
            "op_id": kept.operation.op_id,
            "kind": kept.operation.kind,
            "case_id": kept.operation.case_id,
            "borrower": borrowers.get(kept.operation.case_id or ""),
            "device_id": kept.operation.device_id,
            "officer_id": kept.officer_id,
            "officer": officers.get(kept.officer_id),
            "occurred_at": kept.operation.occurred_at.isoformat(),
            "received_at": kept.received_at.isoformat(),
            "state": QUARANTINED,
            "reason": None,
            "hash": kept.hash,
            "cause": kept.cause.value,
        }
        for kept in found
    ]


def say_quarantined(ctx: ServerContext, kept: QuarantinedRecord, *, as_json: bool) -> None:
    """The record, whole."""
    borrowers, officers = names_behind(ctx, [kept])
    operation = kept.operation
    borrower, officer = borrowers.get(operation.case_id or ""), officers.get(kept.officer_id)
    if as_json:
        say_json({**_as_json(kept), "borrower": borrower, "officer": officer})
        return
    facts = [
        (_("Operation"), operation.op_id),
        (_("Hash"), kept.hash),
        (_("Kind of record"), kind_name(operation.kind)),
        (_("Case"), operation.case_id or ""),
        (_("Borrower"), borrower or ""),
        (_("Officer"), f"{officer} ({kept.officer_id})" if officer else kept.officer_id),
        (
            _("Device"),
            _("{device_id}, record {seq}", device_id=operation.device_id, seq=operation.seq),
        ),
        (_("Happened"), operation.occurred_at.isoformat(sep=" ", timespec="minutes")),
        (_("Received"), same_zone(kept.received_at, operation.occurred_at)),
        (_("State"), render(STATES[kept.state])),
        (_("Cause"), render(CAUSES[kept.cause])),
        (_("Note"), _other_record(kept)),
        (_("Reason"), kept.reason or ""),
        (_("Decided by"), kept.decided_by or ""),
    ]
    say("\n".join(labelled(name, value) for name, value in facts if value))
    say("")
    say("\n".join(f"  {labelled(name, value)}" for name, value in record_lines(operation)))


def _other_record(kept: QuarantinedRecord) -> str:
    if not kept.is_id_taken:
        return ""
    return _("Another record is stored under its id, so it can only be refused.")


def _as_json(kept: QuarantinedRecord) -> dict[str, Any]:
    return {
        "op_id": kept.operation.op_id,
        "hash": kept.hash,
        "officer_id": kept.officer_id,
        "operation": to_builtins(shown(kept.operation)),
        "received_at": kept.received_at.isoformat(),
        "state": QUARANTINED if kept.state is QuarantineState.WAITING else kept.state.value,
        "cause": kept.cause.value,
        "id_taken": kept.is_id_taken,
        "reason": kept.reason,
        "decided_by": kept.decided_by,
    }
