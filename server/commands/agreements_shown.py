"""How agreements are shown: a line each, one with all its instalments, figures by kind, rows of an export."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from fieldsync.agreements.ledger import InstalmentState, KeptInstalment, early_repayment
from fieldsync.agreements.seal import SealFault
from fieldsync.agreements.wording import figure
from fieldsync.domain.agreement import PlanKind, PlanState
from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _, render
from fieldsync.locale.agreement_names import INSTALMENT_STATES, PLAN_STANDINGS
from fieldsync.locale.names import name_of
from fieldsync.locale.seal_words import FAULTS
from fieldsync.terminal.output import labelled, say, table
from fieldsync.words import words
from server.workflow.agreements_kept import KeptAgreement
from server.workflow.small_numbers import Mark, mark_of

_TAIL = 8
HEADS = (
    words("Id"),
    words("Case"),
    words("Kind"),
    words("State"),
    words("Standing"),
    words("Next due"),
    words("To pay"),
    words("Left to pay"),
)


def line_of(one: KeptAgreement) -> list[str]:
    """One agreement as a row under `HEADS`."""
    agreement, kept = one.stored.agreement, one.kept
    coming = kept.next_row
    running = one.stored.state is PlanState.PERFORMING
    return [
        agreement.agreement_id[-_TAIL:],
        agreement.case_id,
        render(name_of(agreement.quote.terms.kind)),
        render(name_of(one.stored.state)),
        render(PLAN_STANDINGS[kept.standing]) if running else "",
        coming.instalment.due.isoformat() if coming and running else "",
        figure(coming.left) if coming and running else "",
        figure(kept.left),
    ]


def show_one(one: KeptAgreement, day: date) -> None:
    """The whole agreement, its seals and its instalments."""
    stored, kept = one.stored, one.kept
    agreement = stored.agreement
    facts = [
        (_("Agreement"), agreement.agreement_id),
        (_("Case"), agreement.case_id),
        (_("Version"), str(agreement.version)),
        (_("Kind"), render(name_of(agreement.quote.terms.kind))),
        (_("State"), render(name_of(stored.state))),
        (_("Standing"), render(PLAN_STANDINGS[kept.standing])),
        (_("Signed at"), agreement.signature.signed_at.isoformat(sep=" ", timespec="minutes")),
        (_("Verification code"), agreement.verification_code or "-"),
        (_("Office's seal"), _sealed(one)),
        (_("Paid so far"), str(kept.received)),
        (_("Late in all"), str(kept.overdue)),
        (_("Left to pay"), str(kept.left)),
        (_("Pays it off today"), str(early_repayment(agreement.quote, kept, day))),
    ]
    for name, value in facts:
        say(labelled(name, value))
    heads = [_("No."), _("Due"), _("To pay"), _("Paid"), _("Left to pay"), _("State"), _("Came on")]
    say(table([_row(row) for row in kept.rows], heads))


def _sealed(one: KeptAgreement) -> str:
    if one.stored.sealed_at is None:
        return _("not yet")
    told = one.stored.sealed_at.isoformat(sep=" ", timespec="minutes")
    found = " ".join(render(FAULTS[SealFault(fault)]) for fault in one.stored.seal_faults)
    return f"{told}  {found}" if found else told


def _row(row: KeptInstalment) -> list[str]:
    state = render(INSTALMENT_STATES[row.state])
    if row.days_late:
        state = _("{state}, {days} days late", state=state, days=row.days_late)
    return [
        str(row.instalment.number),
        row.instalment.due.isoformat(),
        figure(row.instalment.amount),
        figure(row.paid),
        figure(row.left),
        state,
        row.paid_on.isoformat() if row.paid_on else "",
    ]


def as_json(one: KeptAgreement) -> dict[str, Any]:
    """The same with stable keys; amounts in minor units."""
    stored, kept = one.stored, one.kept
    agreement = stored.agreement
    return {
        "agreement_id": agreement.agreement_id,
        "case_id": agreement.case_id,
        "branch": stored.branch,
        "version": agreement.version,
        "replaces": agreement.replaces,
        "kind": agreement.quote.terms.kind.value,
        "state": stored.state.value,
        "standing": kept.standing.value,
        "signed_at": agreement.signature.signed_at.isoformat(),
        "verification_code": agreement.verification_code,
        "document_sha256": agreement.document_sha256,
        "office_sha256": stored.office_sha256,
        "seal_faults": list(stored.seal_faults),
        "received": to_builtins(kept.received),
        "overdue": to_builtins(kept.overdue),
        "left": to_builtins(kept.left),
        "credit": to_builtins(kept.credit),
        "instalments": [
            {
                "number": row.instalment.number,
                "due": row.instalment.due.isoformat(),
                "amount": to_builtins(row.instalment.amount),
                "paid": to_builtins(row.paid),
                "paid_on": row.paid_on.isoformat() if row.paid_on else None,
                "state": row.state.value,
                "days_late": row.days_late,
            }
            for row in kept.rows
        ],
    }


def figures_of(found: Sequence[KeptAgreement]) -> list[tuple[PlanKind, list[str]]]:
    """By kind: plans, instalments that were due, kept in time, late, plans broken; small counts hidden."""
    by_kind: dict[PlanKind, list[KeptAgreement]] = defaultdict(list)
    for one in found:
        by_kind[one.stored.agreement.quote.terms.kind].append(one)
    return [
        (kind, [_shown(n) for n in _counts(by_kind[kind])]) for kind in PlanKind if kind in by_kind
    ]


def _counts(plans: Sequence[KeptAgreement]) -> list[int]:
    coming = {InstalmentState.COMING, InstalmentState.PART_PAID}
    due = [row for one in plans for row in one.kept.rows if row.state not in coming]
    kept = [row for row in due if row.state is InstalmentState.PAID and not row.days_late]
    broken = [one for one in plans if one.stored.state is PlanState.BROKEN]
    return [len(plans), len(due), len(kept), len(due) - len(kept), len(broken)]


def _shown(count: int) -> str:
    return "<5" if mark_of(count) is Mark.SMALL else str(count)


def export_rows(found: Sequence[KeptAgreement]) -> tuple[list[str], list[list[str]]]:
    """A head and a row an instalment, amounts in major units without thousands marks."""
    head = [
        "agreement_id", "case_id", "branch", "kind", "state", "number", "due", "currency",
        "principal", "interest", "fee", "amount", "paid", "paid_on", "instalment_state",
    ]  # fmt: skip
    rows = []
    for one in found:
        agreement = one.stored.agreement
        for row in one.kept.rows:
            part = row.instalment
            fee = part.amount - part.principal - part.interest
            money = (part.principal, part.interest, fee, part.amount, row.paid)
            rows.append(
                [
                    agreement.agreement_id,
                    agreement.case_id,
                    one.stored.branch,
                    agreement.quote.terms.kind.value,
                    one.stored.state.value,
                    str(part.number),
                    part.due.isoformat(),
                    part.principal.currency,
                    *(str(amount.decimal) for amount in money),
                    row.paid_on.isoformat() if row.paid_on else "",
                    row.state.value,
                ]
            )
    return head, rows
