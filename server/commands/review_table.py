"""Shows operations that a person may decide, one a line, with the names of the people behind them."""

from collections.abc import Sequence

from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _, language, render
from fieldsync.terminal.output import pick, table
from server.commands.people import names_behind
from server.commands.show_operation import OUTCOMES, kind_name
from server.context import ServerContext
from server.store.operations import StoredOperation

_TAIL = 8


def review_table(ctx: ServerContext, found: Sequence[StoredOperation], *, states: bool) -> str:
    """The operations as a table, each at the time of its own place; `states` where they differ."""
    borrowers, officers = names_behind(ctx, found)
    heads = [_("Id"), _("Happened"), _("Record"), _("Case"), _("Borrower"), _("Officer")]
    rows = []
    for stored in found:
        operation = stored.operation
        reason = stored.outcome.reason
        row = [
            short_id(operation.op_id, found),
            f"{operation.occurred_at:%m-%d %H:%M}",
            kind_name(operation.kind),
            operation.case_id or "",
            borrowers.get(operation.case_id or "", ""),
            officers.get(stored.officer_id, stored.officer_id),
        ]
        row += [render(OUTCOMES[stored.outcome.kind])] if states else []
        rows.append([*row, pick(reason.message, language()) if reason else ""])
    return table(rows, [*heads, *([_("State")] if states else []), _("Reason")])


def review_rows(ctx: ServerContext, found: Sequence[StoredOperation]) -> list[dict[str, object]]:
    """The same for programs."""
    borrowers, officers = names_behind(ctx, found)
    return [
        {
            "op_id": stored.operation.op_id,
            "kind": stored.operation.kind,
            "case_id": stored.operation.case_id,
            "borrower": borrowers.get(stored.operation.case_id or ""),
            "device_id": stored.operation.device_id,
            "officer_id": stored.officer_id,
            "officer": officers.get(stored.officer_id),
            "occurred_at": stored.operation.occurred_at.isoformat(),
            "received_at": stored.received_at.isoformat(),
            "state": stored.outcome.kind.value,
            "reason": to_builtins(stored.outcome.reason),
        }
        for stored in found
    ]


def short_id(op_id: str, among: Sequence[StoredOperation]) -> str:
    """The end of the id, which is enough to name the operation; the whole where two end alike."""
    tail = op_id[-_TAIL:]
    alike = [stored for stored in among if stored.operation.op_id.endswith(tail)]
    return tail if len(alike) <= 1 else op_id
