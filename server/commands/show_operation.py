"""Shows one operation to a person: what the field says, and beside an agreement what the server has."""

from datetime import datetime
from typing import Any

from fieldsync.domain.agreement import Agreement
from fieldsync.domain.case import Case
from fieldsync.domain.codec import from_builtins, from_json, to_builtins
from fieldsync.domain.masking import masked
from fieldsync.domain.money import Money
from fieldsync.locale import _, language, render
from fieldsync.locale.names import AGREEMENT_STATES
from fieldsync.locale.record_names import KINDS
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.terminal.output import labelled, pick, say, say_json, table
from fieldsync.words import words
from server.commands.people import names_behind
from server.commands.record_lines import record_lines, shown
from server.context import ServerContext
from server.store.operations import StoredOperation

OUTCOMES = {
    OutcomeKind.ACCEPTED: words("accepted"),
    OutcomeKind.HELD: words("held"),
    OutcomeKind.IN_REVIEW: words("in review"),
    OutcomeKind.REJECTED: words("rejected"),
}


def say_operation(ctx: ServerContext, stored: StoredOperation, *, as_json: bool) -> None:
    """The operation, whole."""
    theirs = from_json(stored.server_version, Case) if stored.server_version else None
    operation = stored.operation
    borrowers, officers = names_behind(ctx, [stored])
    borrower, officer = borrowers.get(operation.case_id or ""), officers.get(stored.officer_id)
    if as_json:
        say_json({**_as_json(stored, theirs), "borrower": borrower, "officer": officer})
        return
    reason = stored.outcome.reason
    facts = [
        (_("Operation"), operation.op_id),
        (_("Kind of record"), kind_name(operation.kind)),
        (_("Case"), operation.case_id or ""),
        (_("Borrower"), borrower or ""),
        (_("Officer"), f"{officer} ({stored.officer_id})" if officer else stored.officer_id),
        (_("Happened"), operation.occurred_at.isoformat(sep=" ", timespec="minutes")),
        (_("Received"), same_zone(stored.received_at, operation.occurred_at)),
        (_("State"), render(OUTCOMES[stored.outcome.kind])),
        (_("Reason"), pick(reason.message, language()) if reason else ""),
        (_("Decided by"), stored.decided_by or ""),
    ]
    say("\n".join(labelled(name, value) for name, value in facts if value))
    if operation.kind == OperationKind.AGREEMENT_SIGN and theirs is not None:
        say("")
        say(_side_by_side(from_builtins(operation.payload, Agreement), theirs))
        return
    say("")
    say("\n".join(f"  {labelled(name, value)}" for name, value in record_lines(operation)))


def kind_name(kind: str) -> str:
    """What a kind of record is called; a kind of a newer program keeps its code."""
    return render(KINDS[kind]) if kind in KINDS else kind


def same_zone(instant: datetime, beside: datetime) -> str:
    """The instant by the clock of another one, so that the two can be compared at a glance."""
    return instant.astimezone(beside.tzinfo).isoformat(sep=" ", timespec="minutes")


def _side_by_side(signed: Agreement, case: Case) -> str:
    """The debt as it was signed and as the server had it when the question arose."""
    debt, loan = signed.quote.debt, case.loan
    paid = "; ".join(f"{p.on} {p.amount}" for p in case.payments if p.on >= debt.as_of)
    rows = [
        [_("Principal"), str(debt.principal), str(loan.principal)],
        [_("Interest"), str(debt.interest), str(loan.interest)],
        *_where_stated(_("Default interest"), debt.default_interest, loan.default_interest),
        [_("Fees"), str(debt.fees), str(loan.fees)],
        *_where_stated(_("Costs"), debt.costs, loan.costs),
        [_("Stated on"), str(debt.as_of), str(loan.as_of)],
        [_("Version of the case"), str(debt.case_version), str(case.version)],
        [_("Paid since"), "", paid],
        [_("Agreement"), signed.agreement_id, render(AGREEMENT_STATES[case.agreement_state])],
    ]
    return table(rows, ["", _("As signed"), _("As the server has it")])


def _where_stated(name: str, signed: Money | None, stated: Money | None) -> list[list[str]]:
    """A part that only some debts have."""
    if signed is None and stated is None:
        return []
    return [[name, str(signed or "-"), str(stated or "-")]]


def _as_json(stored: StoredOperation, theirs: Case | None) -> dict[str, Any]:
    return {
        "op_id": stored.operation.op_id,
        "officer_id": stored.officer_id,
        "operation": to_builtins(shown(stored.operation)),
        "hash": stored.hash,
        "received_at": stored.received_at.isoformat(),
        "state": stored.outcome.kind.value,
        "reason": to_builtins(stored.outcome.reason),
        "decided_by": stored.decided_by,
        "server_version": to_builtins(masked(theirs)) if theirs else None,
    }
