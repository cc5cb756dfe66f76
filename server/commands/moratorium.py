"""`fieldsync-server moratorium`: breathing space for a borrower, with its day of ending."""

import click

from fieldsync.conduct.moratorium import MoratoriumKind
from fieldsync.domain.case import Hold
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say
from fieldsync.terminal.typed_day import typed_day
from server.commands.signed_by import decided
from server.context import open_server
from server.workflow.moratoria import end_moratorium, start_moratorium, treatment_ended


@click.group(
    cls=ExampleGroup,
    help=_("Give a borrower breathing space: collection, interest and fees stand still."),
    examples=(
        (
            "fieldsync-server moratorium start NS-0001 --kind breathing_space --from 2026-11-24"
            ' --reason "notice of the Insolvency Service"'
        ),
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "start",
    cls=ExampleCommand,
    help=_(
        "Start a moratorium: sixty days of breathing space, or a mental-health crisis until thirty days"
        " after its treatment."
    ),
    examples=(
        (
            "fieldsync-server moratorium start NS-0001 --kind crisis --from 2026-11-24"
            ' --reason "notice received"'
        ),
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in MoratoriumKind]),
    required=True,
    help=_("Which of the two."),
)
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help=_("Its first day."))
@click.option(
    "--treatment-ends", metavar="YYYY-MM-DD", help=_("The last day of treatment, where known.")
)
@decided(_("Why; it is kept with the decision."))
@click.pass_obj
def start(
    home: str | None,
    *,
    case_id: str,
    kind: str,
    first: str,
    treatment_ends: str | None,
    reason: str,
    by: str,
) -> None:
    """Start it."""
    hold = start_moratorium(
        open_server(home),
        case_id,
        MoratoriumKind(kind),
        typed_day(first),
        typed_day(treatment_ends) if treatment_ends else None,
        reason=reason,
        by=by,
    )
    _say(case_id, hold)
    note(_("The devices learn it at their next sync."))


@command.command(
    "treatment-ended",
    cls=ExampleCommand,
    help=_("Say when the treatment ended: a crisis moratorium lasts thirty days more."),
    examples=(
        'fieldsync-server moratorium treatment-ended NS-0001 2026-12-20 --reason "doctor\'s note"',
    ),
)
@click.argument("case_id", metavar="CASE")
@click.argument("day", metavar="YYYY-MM-DD")
@decided(_("Why; it is kept with the decision."))
@click.pass_obj
def treatment_ended_(home: str | None, *, case_id: str, day: str, reason: str, by: str) -> None:
    """Give it its end."""
    hold = treatment_ended(open_server(home), case_id, typed_day(day), reason=reason, by=by)
    _say(case_id, hold)


@command.command(
    "end",
    cls=ExampleCommand,
    help=_("End a moratorium before its day."),
    examples=('fieldsync-server moratorium end NS-0001 --reason "cancelled by the adviser"',),
)
@click.argument("case_id", metavar="CASE")
@decided(_("Why; it is kept with the decision."))
@click.pass_obj
def end(home: str | None, *, case_id: str, reason: str, by: str) -> None:
    """End it."""
    end_moratorium(open_server(home), case_id, reason=reason, by=by)
    say(_("{case_id}: the moratorium is over.", case_id=case_id))
    note(_("The devices learn it at their next sync."))


def _say(case_id: str, hold: Hold) -> None:
    if hold.until is None:
        say(_("{case_id}: the moratorium lasts until its treatment ends.", case_id=case_id))
    else:
        say(
            _(
                "{case_id}: the moratorium ends on {day}.",
                case_id=case_id,
                day=f"{hold.until:%Y-%m-%d}",
            )
        )
