"""`fieldsync visit leave | unsafe`: what breaks a visit off at once."""

import click

from agent_cli.actions import visit as actions
from agent_cli.actions.visit_steps import outcome_after, stop
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.shown import mark_training
from agent_cli.store import cases, roster
from agent_cli.terminal_input import may_ask
from agent_cli.visit_shown import say_finished
from fieldsync.domain.case import Case
from fieldsync.domain.visit import StopCause, Visit
from fieldsync.errors import InputError
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import note, say, style
from fieldsync.words import words

_MAINLAND = "CN"


@click.command(
    "leave",
    cls=ExampleCommand,
    help=_("Break the visit off at once and stop collection; then only the way out is left."),
    examples=(
        "fieldsync visit leave NS-0001 --because asked_to_leave",
        "fieldsync visit leave --because distress",
    ),
)
@click.argument("case_id", metavar="[CASE]", required=False)
@click.option(
    "--because",
    metavar="CODE",
    type=NamedCode(StopCause),
    help=_("Why; `--because list` shows every code."),
)
@click.pass_obj
def leave(options: Options, case_id: str | None, because: str | None) -> None:
    """Leave."""
    with open_device(options, is_way_out=True) as ctx:
        mark_training(ctx)
        visit = actions.running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, visit.case_id)
        cause = _cause(options, because)
        stop(ctx, case, visit, cause)
        _say_stopped(case, cause)
        note(_("Take your leave kindly. Once you are outside:"))
        note(f"  fieldsync visit finish {case.case_id}")


@click.command(
    "unsafe",
    cls=ExampleCommand,
    help=_("End the visit in one step because it is not safe, and show whom to call."),
    examples=("fieldsync visit unsafe",),
)
@click.argument("case_id", metavar="[CASE]", required=False)
@click.pass_obj
def unsafe(options: Options, case_id: str | None) -> None:
    """Get out."""
    with open_device(options, is_way_out=True) as ctx:
        mark_training(ctx)
        visit = actions.running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, visit.case_id)
        # First of all, and whatever the disk says to the rest.
        _say_whom_to_call(ctx, case, visit)
        if visit.stopped_at is None:
            stop(ctx, case, visit, StopCause.UNSAFE)
        code = outcome_after(StopCause.UNSAFE)
        ended = actions.finish(ctx, case, code, identity_shown=None, promise=None)
        _say_stopped(case, StopCause.UNSAFE)
        say_finished(ctx, case, ended)


def _cause(options: Options, named: str | None) -> StopCause:
    if named is not None:
        return StopCause(named)
    if not may_ask(options):
        raise InputError(
            "600.35",
            words("Why the visit is broken off is missing."),
            words("Add --because CODE; `--because list` shows every code."),
        )
    codes = NamedCode(StopCause)
    note(codes.shown())
    return StopCause(click.prompt(_("Why?"), type=codes, err=True))


def _say_stopped(case: Case, cause: StopCause) -> None:
    say(
        _(
            "The visit to {name} is broken off: {cause}.",
            name=case.borrower.name,
            cause=render(name_of(cause)),
        )
    )
    note(
        _(
            "Collection on {case_id} has stopped on this device; the others learn of it with the next sync.",
            case_id=case.case_id,
        )
    )


def _say_whom_to_call(ctx: DeviceContext, case: Case, visit: Visit) -> None:
    """The emergency numbers of where the visit is, and the office where the roster tells its number."""
    address = case.address(visit.address_id)
    if address is not None and address.country == _MAINLAND:
        line = _("In danger call the police, 110; for an ambulance, 120.")
    else:
        line = _("In danger call the emergency number: 112 answers from most mobile telephones.")
    note(style(line, bold=True))
    office = roster.office_phone(ctx.conn)
    if office is not None:
        note(_("Then the office: {phone}.", phone=render(office)))
