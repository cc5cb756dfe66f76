"""`fieldsync-server agreements`: how every plan is kept, and what a person decides about it."""

from datetime import date
from pathlib import Path

import click

from fieldsync.domain.agreement import PlanState
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json, table
from server.commands.agreements_shown import (
    HEADS,
    as_json,
    export_rows,
    figures_of,
    line_of,
    show_one,
)
from server.commands.reads import looks_at
from server.commands.signed_by import decided
from server.commands.write_csv import write_rows
from server.context import open_server
from server.workflow.agreements_kept import end_plan, find, follow, review_plans, withdraw_plan
from server.workflow.counter_seal import seal_waiting
from server.workflow.open_outbox import open_outbox
from server.workflow.remind import remind
from server.workflow.state_agreement import statement_of

_ALL = "all"
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(
    cls=ExampleGroup,
    help=_("Follow instalment agreements: what is paid, what is late, and what ends a plan."),
    examples=(
        "fieldsync-server agreements list",
        "fieldsync-server agreements show NS-0001",
        'fieldsync-server agreements end NS-0001 --reason "two instalments missed"',
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List agreements with how each plan stands."),
    examples=(
        "fieldsync-server agreements list",
        "fieldsync-server agreements list --state all --branch SZ-NANSHAN --json",
    ),
)
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in PlanState), _ALL]),
    default=PlanState.PERFORMING.value,
    show_default=True,
    help=_("Which agreements."),
)
@click.option("--branch", metavar="BRANCH", help=_("Only this branch."))
@click.option("--date", "day", type=_DAY, metavar="DAY", help=_("As of this day."))
@click.option("--json", "json_wanted", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(
    home: str | None, *, state: str, branch: str | None, day: date | None, json_wanted: bool
) -> None:
    """List them."""
    wanted = None if state == _ALL else PlanState(state)
    found = follow(open_server(home), state=wanted, branch=branch, day=_day(day))
    if json_wanted:
        say_json([as_json(one) for one in found])
    elif not found:
        note(_("Nothing is waiting here."))
    else:
        say(table([line_of(one) for one in found], [render(head) for head in HEADS]))
        note(_("Next: `fieldsync-server agreements show ID`."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_(
        "Show an agreement by its id or case: every instalment, what was paid on it, what is left."
    ),
    examples=(
        "fieldsync-server agreements show NS-0001",
        "fieldsync-server agreements show 4f2a91c0",
    ),
)
@click.argument("said", metavar="ID")
@click.option("--date", "day", type=_DAY, metavar="DAY", help=_("As of this day."))
@click.option("--json", "json_wanted", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, said: str, day: date | None, json_wanted: bool) -> None:
    """Show one."""
    ctx = open_server(home)
    one = find(ctx, said, _day(day))
    looks_at(ctx, "agreement", one.stored.agreement.case_id)
    if json_wanted:
        say_json(as_json(one))
    else:
        show_one(one, _day(day) or ctx.clock.now().date())


@command.command(
    "statement",
    cls=ExampleCommand,
    help=_("Write a statement of a plan for its borrower, in the agreement's language."),
    examples=("fieldsync-server agreements statement NS-0001 --pdf statement.pdf",),
)
@click.argument("said", metavar="ID")
@click.option(
    "--pdf",
    "path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    required=True,
    help=_("The file to write."),
)
@click.option("--date", "day", type=_DAY, metavar="DAY", help=_("As of this day."))
@click.pass_obj
def statement(home: str | None, *, said: str, path: Path, day: date | None) -> None:
    """State one."""
    ctx = open_server(home)
    looks_at(ctx, "agreement", find(ctx, said, _day(day)).stored.agreement.case_id)
    path.write_bytes(statement_of(ctx, said, _day(day)))
    say(_("The statement is in {path}.", path=str(path)))


@command.command(
    "review",
    cls=ExampleCommand,
    help=_("Mark plans that are wholly paid as settled, and list those that are breached."),
    examples=("fieldsync-server agreements review",),
)
@click.pass_obj
def review(home: str | None) -> None:
    """Review all."""
    settled, breached = review_plans(open_server(home))
    say(_("{count} plans are settled.", count=settled))
    if breached:
        say(_("Breached by their own rules, for a person to decide:"))
        say(table([line_of(one) for one in breached], [render(head) for head in HEADS]))
        note(_("Next: `fieldsync-server agreements end ID`, or call the borrower first."))


@command.command(
    "end",
    cls=ExampleCommand,
    help=_("End a breached plan: it is broken, and its stop on collection is lifted."),
    examples=('fieldsync-server agreements end NS-0001 --reason "two instalments missed"',),
)
@click.argument("said", metavar="ID")
@decided(_("Why it is ended."))
@click.pass_obj
def end(home: str | None, *, said: str, reason: str, by: str) -> None:
    """End one."""
    stored = end_plan(open_server(home), said, reason=reason, by=by)
    say(_("Agreement {id} is broken.", id=stored.agreement.agreement_id))


@command.command(
    "withdraw",
    cls=ExampleCommand,
    help=_("Note that the borrower changed their mind within the cooling-off."),
    examples=('fieldsync-server agreements withdraw NS-0001 --reason "called on Tuesday"',),
)
@click.argument("said", metavar="ID")
@decided(_("What the borrower said."))
@click.pass_obj
def withdraw(home: str | None, *, said: str, reason: str, by: str) -> None:
    """Withdraw one."""
    stored = withdraw_plan(open_server(home), said, reason=reason, by=by)
    say(_("Agreement {id} is withdrawn.", id=stored.agreement.agreement_id))
    note(
        _(
            "Collection stays stopped until a person lifts the hold: `fieldsync-server hardship lift`."
        )
    )


@command.command(
    "remind",
    cls=ExampleCommand,
    help=_("Remind borrowers who asked for it of a due day that is near; nobody is told twice."),
    examples=(
        "fieldsync-server agreements remind --dry-run",
        "fieldsync-server agreements remind",
    ),
)
@click.option("--dry-run", is_flag=True, help=_("Only show who would be reminded."))
@click.pass_obj
def remind_(home: str | None, *, dry_run: bool) -> None:
    """Remind."""
    ctx = open_server(home)
    found = remind(ctx, open_outbox(ctx), dry_run=dry_run)
    rows = [
        [one.case_id, one.due.isoformat(), str(one.error.message) if one.error else ""]
        for one in found
    ]
    if rows:
        say(table(rows, [_("Case"), _("Due"), _("Trouble")]))
    failed = sum(one.error is not None for one in found)
    say(_("{count} reminders, {failed} not delivered.", count=len(found), failed=failed))


@command.command(
    "seal",
    cls=ExampleCommand,
    help=_("Seal documents that wait for the office's seal or an outside time stamp."),
    examples=("fieldsync-server agreements seal",),
)
@click.pass_obj
def seal(home: str | None) -> None:
    """Seal what waits."""
    say(_("{count} documents are sealed.", count=seal_waiting(open_server(home))))


@command.command(
    "figures",
    cls=ExampleCommand,
    help=_("Show by kind of plan how promises are kept."),
    examples=("fieldsync-server agreements figures",),
)
@click.option("--branch", metavar="BRANCH", help=_("Only this branch."))
@click.pass_obj
def figures(home: str | None, *, branch: str | None) -> None:
    """Count."""
    rows = figures_of(follow(open_server(home), branch=branch))
    heads = [_("Kind"), _("Plans"), _("Instalments due"), _("Kept in time"), _("Late"), _("Broken")]
    say(table([[render(name_of(kind)), *counts] for kind, counts in rows], heads))
    note(_("Counts below five are shown as <5."))


@command.command(
    "export",
    cls=ExampleCommand,
    help=_("Write every instalment with what was paid on it to a CSV file."),
    examples=("fieldsync-server agreements export --csv agreements.csv",),
)
@click.option(
    "--csv",
    "path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    required=True,
    help=_("The file to write."),
)
@click.option("--branch", metavar="BRANCH", help=_("Only this branch."))
@click.pass_obj
def export(home: str | None, *, path: Path, branch: str | None) -> None:
    """Export."""
    ctx = open_server(home)
    found = follow(ctx, branch=branch)
    looks_at(ctx, "agreement", *(one.stored.agreement.case_id for one in found))
    head, rows = export_rows(found)
    write_rows(path, head, rows)
    say(_("{count} rows are in {path}.", count=len(rows), path=str(path)))


def _day(given: date | None) -> date | None:
    """Click reads a day as midnight."""
    return date(given.year, given.month, given.day) if given else None
