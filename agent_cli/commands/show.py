"""`fieldsync show`: a case file, as the server sent it and with what this device has added."""

from collections.abc import Mapping
from typing import Any

import click

from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.decisions_shown import decision_line
from agent_cli.holds_shown import hold_line
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import cases, itineraries, journal, office_matters, visits
from agent_cli.store.decisions import decisions
from agent_cli.store.office_matters import Proposed
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_builtins
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import CALLERS, KINDS, PRODUCTS, called
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import labelled, listed, note, pick, say, say_json, style, table

_SHOWN_CONTACTS = 10


@click.command(
    cls=ExampleCommand,
    help=_("Show a case: file, history, holds, agreement and your records of it."),
    examples=("fieldsync show NS-0001", "fieldsync show NS-0001 --json"),
)
@click.argument("case_id", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(options: Options, case_id: str, *, as_json: bool) -> None:
    """Show a case."""
    with open_device(options) as ctx:
        case = cases.load_case(ctx.conn, case_id)
        mark_training(ctx)
        if as_json:
            say_json(_facts(ctx, case))
            return
        _say_file(ctx, case)
        _say_history(case)
        _say_records(ctx, case)
        if case.holds:
            note(_("Collection on this case is stopped; listening is not."))
        else:
            note(_("Next: `fieldsync visit start {case_id}`.", case_id=case_id))


def _say_file(ctx: DeviceContext, case: Case) -> None:
    loan = case.loan
    say(style(f"{case.case_id}  {case.borrower.name}", bold=True))
    rows = [
        (_("Identity number"), case.borrower.id_number),
        (_("Telephone"), listed(case.borrower.phones)),
        (_("Account"), f"{loan.account_ref} ({called(loan.product, PRODUCTS)})"),
        (
            _("Owed on {day}", day=loan.as_of.isoformat()),
            _(
                "{total} (principal {principal}, interest {interest}, fees {fees})",
                total=loan.outstanding,
                principal=loan.principal,
                interest=loan.interest,
                fees=loan.fees,
            ),
        ),
        (_("Days past due"), str(loan.days_past_due)),
        *(
            (render(name_of(a.kind)), _address_line(a.text, invalid=a.invalid))
            for a in case.addresses
        ),
        (_("Special situation"), listed(render(name_of(f)) for f in sorted(case.flags))),
        (_("On hold"), "; ".join(dict.fromkeys(hold_line(h.kind, h.until) for h in case.holds))),
        (_("Agreement"), render(name_of(case.agreement_state))),
        (_("Why on the road"), _why(ctx, case)),
    ]
    if case.appointment:
        window = case.appointment.window
        when = (
            f"{window.start.date().isoformat()} {clock_time(window.start)}-{clock_time(window.end)}"
        )
        rows.insert(0, (_("Appointment"), when))
    for title, value in rows:
        if value:
            say(f"  {labelled(title, value)}")


def _address_line(text: str, *, invalid: bool) -> str:
    return _("{address} (found wrong)", address=text) if invalid else text


def _why(ctx: DeviceContext, case: Case) -> str:
    for itinerary in reversed(itineraries.published(ctx.conn)):
        place = itineraries.place_in(itinerary, case.case_id)
        if place is not None:
            return pick(place.why, language())
    return ""


def _say_history(case: Case) -> None:
    if case.contacts:
        latest = sorted(case.contacts, key=lambda contact: contact.at, reverse=True)[
            :_SHOWN_CONTACTS
        ]
        rows = [
            (
                c.at.strftime("%Y-%m-%d %H:%M"),
                render(name_of(c.channel)),
                render(name_of(c.reached)),
                called(c.by, CALLERS),
            )
            for c in latest
        ]
        say("")
        say(table(rows, (_("Contact"), _("Channel"), _("Result"), _("By"))))
    if case.payments:
        say("")
        say(
            table(
                [(p.on.isoformat(), str(p.amount)) for p in case.payments],
                (_("Paid on"), _("Amount")),
            )
        )


def _say_records(ctx: DeviceContext, case: Case) -> None:
    for agreement, _state in cases.agreements_of(ctx.conn, case.case_id):
        quote = agreement.quote
        say("")
        say(
            _(
                "Plan signed on this device: {count} instalments, {total} in all, first on {day}.",
                count=len(quote.instalments),
                total=quote.total_payable,
                day=quote.terms.first_due.isoformat(),
            )
        )
    for proposed in office_matters.corrections_of(ctx.conn, case.case_id):
        say("")
        say(_correction_line(proposed))
    for decision in _decisions(ctx, case):
        say("")
        say(decision_line(decision))
    rows = []
    for entry in journal.entries(ctx.conn, case_id=case.case_id):
        kind = KINDS.get(entry.kind)
        text = entry.operation.payload.get("text", "") if entry.operation else ""
        rows.append(
            (
                entry.recorded_at[:16].replace("T", " "),
                render(kind) if kind else entry.kind,
                str(text),
            )
        )
    if rows:
        say("")
        say(table(rows, (_("Recorded"), _("Record"), _("Text"))))


def _correction_line(proposed: Proposed) -> str:
    told = proposed.correction
    if proposed.reason is not None:
        return f"{render(name_of(told.kind))} {told.wrong}: {pick(proposed.reason.message, language())}"
    line = _("Proposed to the office: {what} {wrong}", what=name_of(told.kind), wrong=told.wrong)
    return f"{line.rstrip()} → {told.right}" if told.right else line.rstrip()


def _decisions(ctx: DeviceContext, case: Case) -> list[Mapping[str, Any]]:
    return [one for one in decisions(ctx.conn) if one["case_id"] == case.case_id]


def _facts(ctx: DeviceContext, case: Case) -> dict[str, object]:
    return {
        "case": to_builtins(case),
        "outstanding": to_builtins(case.loan.outstanding),
        "why": _why(ctx, case),
        "on_hold": bool(case.holds),
        "visits": [to_builtins(visit) for visit in visits.of_case(ctx.conn, case.case_id)],
        "agreements": [
            {"agreement": to_builtins(agreement), "state": state}
            for agreement, state in cases.agreements_of(ctx.conn, case.case_id)
        ],
        "corrections": [
            {"correction": to_builtins(proposed.correction), "state": proposed.state.value}
            for proposed in office_matters.corrections_of(ctx.conn, case.case_id)
        ],
        "decisions": _decisions(ctx, case),
        "records": [
            {
                "seq": e.seq,
                "op_id": e.op_id,
                "kind": e.kind,
                "recorded_at": e.recorded_at,
                "state": e.state.value,
            }
            for e in journal.entries(ctx.conn, case_id=case.case_id)
        ],
    }
