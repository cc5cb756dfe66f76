"""`fieldsync-server duties`: everything with a clock, overdue first."""

import click

from fieldsync.domain.duty import Duty
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table
from server.context import open_server
from server.workflow.list_duties import list_duties

_TAIL = 8


@click.command(
    cls=ExampleCommand,
    help=_(
        "List what is owed and by when, overdue first: answers to complaints and hardship, holds and"
        " moratoria that end, promises to pay, officers who should be out again."
    ),
    examples=(
        "fieldsync-server duties",
        "fieldsync-server duties --branch SZ-NANSHAN --due-within 7 --json",
    ),
)
@click.option("--branch", metavar="B", help=_("Only this branch's."))
@click.option(
    "--due-within",
    type=click.IntRange(0, 3650),
    metavar="DAYS",
    help=_("Only what is overdue or due within so many days."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(home: str | None, *, branch: str | None, due_within: int | None, as_json: bool) -> None:
    """List them."""
    found = list_duties(open_server(home), branch=branch, due_within=due_within)
    if as_json:
        say_json([_row(duty, overdue=overdue) for duty, overdue in found])
        return
    if not found:
        note(_("Nothing is due."))
        return
    rows = [
        (
            _("overdue") if overdue else "",
            when(duty),
            render(name_of(duty.kind)),
            duty.case_id,
            duty.branch,
            duty.subject[-_TAIL:],
        )
        for duty, overdue in found
    ]
    head = ("", _("Due by"), _("What"), _("Case"), _("Branch"), _("Number"))
    say(table(rows, head, last=2))
    note(_("{count} are overdue.", count=sum(overdue for _duty, overdue in found)))


def when(duty: Duty) -> str:
    """The day, and the time where there is one."""
    if duty.at is None:
        return duty.due.isoformat()
    return f"{duty.due.isoformat()} {duty.at:%H:%M}"


def _row(duty: Duty, *, overdue: bool) -> dict[str, object]:
    return {
        "kind": duty.kind.value,
        "due": duty.due.isoformat(),
        "at": duty.at.isoformat() if duty.at else None,
        "overdue": overdue,
        "case_id": duty.case_id,
        "branch": duty.branch,
        "subject": duty.subject,
    }
