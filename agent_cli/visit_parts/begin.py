"""`fieldsync visit start`: two officers check in, each with their own secret."""

from pathlib import Path

import click

from agent_cli.actions import visit as actions
from agent_cli.check_in_asked import check_practice, prove
from agent_cli.config import Options, settings
from agent_cli.context import DeviceContext, open_device
from agent_cli.findings_shown import refusals_told, say_findings
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import cases, roster
from agent_cli.terminal_input import may_ask, said
from fieldsync.domain.case import Case
from fieldsync.domain.visit import Visit
from fieldsync.errors import NotFoundError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say

SECRETS_VARIABLE = "FIELDSYNC_SECRETS"
_MINUTES_MOST = 600


@click.command(
    "start",
    cls=ExampleCommand,
    help=_("Begin a visit with a second officer, if the rules allow it here and now."),
    examples=(
        "fieldsync visit start NS-0001 --with SZ1002",
        "fieldsync visit start NS-0001 --with SZ1002 --address work --minutes 45",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option("--with", "partner", metavar="OFFICER", help=_("The second officer, by id or name."))
@click.option("--address", metavar="home|work|ID", help=_("Another address than the stop's."))
@click.option(
    "--minutes",
    metavar="N",
    type=click.IntRange(1, _MINUTES_MOST),
    help=_("How long it is expected to last; after that colleagues see you as overdue."),
)
@click.option(
    "--secrets",
    metavar="FILE",
    envvar=SECRETS_VARIABLE,
    show_envvar=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("Both secrets from a file, one line an officer, instead of typing them."),
)
@click.pass_obj
def start(
    options: Options,
    case_id: str,
    partner: str | None,
    address: str | None,
    minutes: int | None,
    secrets: Path | None,
) -> None:
    """Check in at the door."""
    with open_device(options) as ctx:
        mark_training(ctx)
        # Before the rules are asked: what they refuse is recorded, at whatever hour.
        check_practice(ctx, secrets)
        case = cases.load_case(ctx.conn, case_id)
        place = actions.address_at(ctx, case, address)
        officers = _officers(options, ctx, partner)
        with refusals_told():
            actions.check_start(ctx, case, place, officers)
            signers = prove(options, ctx, officers, secrets)
            begun = actions.start(ctx, case, place, officers, signers, minutes)
        say_findings(begun.verdict.findings)
        say(
            _(
                "Visit to {name} started at {time}: {address}.",
                name=case.borrower.name,
                time=clock_time(begun.visit.started_at),
                address=place.text,
            )
        )
        _say_times(case, begun.visit)
        note(_("Show your identity first. Listen before you speak of money."))
        note(_("Next: `fieldsync visit identity {case_id}`.", case_id=case_id))


def _say_times(case: Case, visit: Visit) -> None:
    """The notice that was given, when the visit must be over, and when somebody begins to worry."""
    if case.notices:
        told = max(case.notices, key=lambda given: given.given_at)
        day = told.given_at.date().isoformat()
        note(_("Notice of this visit was given on {day}.", day=day))
    if visit.leave_by is not None:
        note(_("The visit must be over by {time}.", time=clock_time(visit.leave_by)))
    if visit.expected_end is not None:
        note(
            _(
                "Expected end {time}; after that the office and your colleague see you as overdue.",
                time=clock_time(visit.expected_end),
            )
        )


def _officers(options: Options, ctx: DeviceContext, partner: str | None) -> tuple[str, ...]:
    """Who is checked in; UsageError where nobody said who the second officer is, nor can be asked."""
    own = ctx.identity.officer_id
    named = partner or settings(ctx.home)["partner"].value
    if named:
        return (own, roster.find_officer(ctx.conn, named).officer_id)
    if not may_ask(options):
        raise click.UsageError(
            _(
                "Name the second officer with --with, or for every visit:"
                " `fieldsync config set partner OFFICER`."
            )
        )
    second: str = click.prompt(
        _("Second officer at the door (id or name)"),
        default=roster.partner_of_day(ctx.conn, ctx.clock.now().date(), own),
        value_proc=lambda text: _known_officer(ctx, text),
        err=True,
    )
    return (own, second)


def _known_officer(ctx: DeviceContext, text: str) -> str:
    """The id of the officer typed; click asks again where there is none."""
    try:
        return roster.find_officer(ctx.conn, text.strip()).officer_id
    except NotFoundError as error:
        raise click.BadParameter(said(error)) from error
