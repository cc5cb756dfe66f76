"""`fieldsync visit identity | enter | papers`: what happens at the door, recorded when it happens."""

import click

from agent_cli.actions import visit_steps as actions
from agent_cli.actions.visit import running_visit
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.findings_shown import refusals_told
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.domain.visit import VisitStep
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say

_CASE = click.argument("case_id", metavar="[CASE]", required=False)


@click.command(
    "identity",
    cls=ExampleCommand,
    help=_("Record that both identity cards were shown."),
    examples=("fieldsync visit identity NS-0001", "fieldsync visit identity"),
)
@_CASE
@click.pass_obj
def identity(options: Options, case_id: str | None) -> None:
    """Both cards were shown."""
    with open_device(options) as ctx:
        mark_training(ctx)
        visit = running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, visit.case_id)
        with refusals_told():
            actions.take_step(ctx, case, visit, VisitStep.IDENTITY_SHOWN)
        say(_("Both identity cards were shown."))
        note(_("Ask before you go in: `fieldsync visit enter {case_id}`.", case_id=case.case_id))


@click.command(
    "enter",
    cls=ExampleCommand,
    help=_("Record that you go in, agreed to by whoever lives or works there."),
    examples=("fieldsync visit enter NS-0001 --agreed",),
)
@_CASE
@click.option(
    "--agreed", is_flag=True, help=_("They agreed that you come in, for this visit alone.")
)
@click.pass_obj
def enter(options: Options, case_id: str | None, *, agreed: bool) -> None:
    """Go in."""
    with open_device(options) as ctx:
        mark_training(ctx)
        visit = running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, visit.case_id)
        if not agreed and may_ask(options):
            agreed = click.confirm(_("Did they agree that you come in?"), default=False, err=True)
        with refusals_told():
            actions.enter(ctx, case, visit, agreed=agreed)
        say(_("Entered, with their consent.") if agreed else _("Entered."))
        note(
            _("If they ask you to leave: `fieldsync visit leave {case_id}`.", case_id=case.case_id)
        )


@click.command(
    "papers",
    cls=ExampleCommand,
    help=_("Record that papers were handed to the borrower in person."),
    examples=("fieldsync visit papers NS-0001",),
)
@_CASE
@click.pass_obj
def papers(options: Options, case_id: str | None) -> None:
    """Papers were handed over."""
    with open_device(options) as ctx:
        mark_training(ctx)
        visit = running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, visit.case_id)
        with refusals_told():
            actions.take_step(ctx, case, visit, VisitStep.PAPERS_HANDED_OVER)
        say(_("Papers handed over."))
