"""Shows a case file to a person in the office."""

from difflib import get_close_matches
from typing import Any

from sqlalchemy import select

from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.masking import masked
from fieldsync.errors import NotFoundError
from fieldsync.locale import _, render
from fieldsync.locale.names import AGREEMENT_STATES, name_of
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.terminal.output import labelled, listed, say, say_json
from fieldsync.words import words
from server.commands.reads import looks_at
from server.commands.show_operation import OUTCOMES, kind_name
from server.context import ServerContext
from server.store.assignments import officers_of
from server.store.cases import load_case
from server.store.complaints import ComplaintState, StoredComplaint, find_complaints
from server.store.corrections import CorrectionState, StoredCorrection, find_corrections
from server.store.engine import reading
from server.store.lifted_holds import LiftedHold, lifted_holds
from server.store.tables import cases, operations

_TAIL = 8


def show_case(ctx: ServerContext, case_id: str, *, as_json: bool) -> None:
    """The file, its officers and how many records the field sent; NotFoundError 404.44."""
    with reading(ctx.engine) as conn:
        case = load_case(conn, case_id)
        if case is None:
            known = conn.execute(select(cases.c.case_id)).scalars().all()
            raise _unknown(case_id, known)
        officers = officers_of(conn, [case_id]).get(case_id, ())
        sent = conn.execute(
            select(operations.c.op_id, operations.c.kind, operations.c.outcome)
            .where(operations.c.case_id == case_id)
            .order_by(operations.c.received_at)
        ).all()
        lifted = lifted_holds(conn, case_id)
        complained = [
            one
            for one in find_complaints(conn, ComplaintState.OPEN)
            if one.complaint.case_id == case_id
        ]
        proposed = [
            one
            for one in find_corrections(conn, CorrectionState.PROPOSED)
            if one.correction.case_id == case_id
        ]
    looks_at(ctx, "case", case_id)
    records = [{"op_id": r.op_id, "kind": r.kind, "state": r.outcome} for r in sent]
    shown = masked(case)
    if as_json:
        body: dict[str, Any] = to_builtins(shown)
        say_json(
            {
                **body,
                "officers": list(officers),
                "operations": records,
                "lifted_holds": to_builtins(lifted),
                "open_complaints": to_builtins(complained),
                "proposed_corrections": to_builtins(proposed),
            }
        )
        return
    say("\n".join(labelled(name, value) for name, value in _facts(shown, officers) if value))
    for hold in lifted:
        say(labelled(_("Lifted"), _lifted(hold)))
    for complaint in complained:
        say(labelled(_("Complaint"), _complaint(complaint)))
    for correction in proposed:
        say(labelled(_("Correction"), _correction(correction)))
    for record in records:
        state = render(OUTCOMES[OutcomeKind(record["state"])])
        say(f"  {record['op_id']}  {kind_name(record['kind'])}  {state}")


def _facts(case: Case, officers: tuple[str, ...]) -> list[tuple[str, str]]:
    loan = case.loan
    return [
        (_("Case"), f"{case.case_id} ({case.branch})"),
        (_("Borrower"), f"{case.borrower.name} {case.borrower.id_number}".strip()),
        (_("Outstanding"), str(loan.outstanding)),
        (_("Days past due"), str(loan.days_past_due)),
        (_("Addresses"), "; ".join(a.text for a in case.addresses)),
        (_("Flags"), listed(render(name_of(flag)) for flag in sorted(case.flags))),
        (
            _("Holds"),
            listed(
                f"{render(name_of(h.kind))} {h.since:%Y-%m-%d} ({h.hold_id[-_TAIL:]})"
                for h in case.holds
            ),
        ),
        (_("Agreement"), render(AGREEMENT_STATES[case.agreement_state])),
        (_("Version of the case"), str(case.version)),
        (_("Officers"), listed(officers)),
    ]


def _lifted(hold: LiftedHold) -> str:
    return _(
        "{kind} of {since}, on {day} by {who}: {reason}",
        kind=name_of(hold.kind),
        since=f"{hold.since:%Y-%m-%d}",
        day=f"{hold.lifted_at:%Y-%m-%d}",
        who=hold.lifted_by,
        reason=hold.reason,
    )


def _complaint(stored: StoredComplaint) -> str:
    return _(
        "{topic}, the answer is due by {due} ({id})",
        topic=name_of(stored.complaint.topic),
        due=f"{stored.due}",
        id=stored.complaint.complaint_id[-_TAIL:],
    )


def _correction(stored: StoredCorrection) -> str:
    told = stored.correction
    return _(
        "{what} {wrong}, the office has not decided ({id})",
        what=name_of(told.kind),
        wrong=told.wrong,
        id=told.correction_id[-_TAIL:],
    )


def _unknown(case_id: str, known: Any) -> NotFoundError:
    near = get_close_matches(case_id, list(known), n=1)
    return NotFoundError(
        "404.44",
        words("There is no case {case_id}.", case_id=case_id),
        words("Did you mean {name}?", name=near[0]) if near else None,
    )
