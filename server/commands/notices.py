"""`fieldsync-server notices`: tell borrowers of a visit beforehand, and take down what they answer."""

import click

from fieldsync.domain.notice import NoticeAnswer
from fieldsync.errors import EXIT_FAILED, EXIT_REFUSED
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json
from fieldsync.terminal.typed_day import typed_day
from server.commands.notice_answers import command as import_answers
from server.commands.notices_shown import (
    notice_rows,
    notice_table,
    say_notice,
    say_sent,
    sent_rows,
)
from server.commands.reads import looks_at
from server.commands.signed_by import decided
from server.commands.typed_window import typed_window
from server.context import open_server
from server.store.engine import reading
from server.store.notices import find_notices
from server.workflow.answer_notice import answer_notice
from server.workflow.find_notice import notice_named
from server.workflow.open_outbox import open_outbox
from server.workflow.send_notices import Sent, resend, send_notices
from server.workflow.write_notices import write_notices


@click.group(
    cls=ExampleGroup,
    help=_("Tell borrowers of a visit beforehand, and take down what they answer."),
    examples=(
        "fieldsync-server notices write --branch SZ-NANSHAN --date 2026-11-25",
        "fieldsync-server notices send",
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "write",
    cls=ExampleCommand,
    help=_(
        "Write a notice for every visit of a day's newest plan, published or not. Writing again"
        " changes nothing, unless the plan has changed."
    ),
    examples=("fieldsync-server notices write --branch SZ-NANSHAN --date 2026-11-25",),
)
@click.option("--branch", required=True, metavar="B", help=_("The branch."))
@click.option(
    "--date", "day", required=True, metavar="YYYY-MM-DD", help=_("The day of the visits.")
)
@click.option("--dry-run", is_flag=True, help=_("Say what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def write(home: str | None, *, branch: str, day: str, dry_run: bool, as_json: bool) -> None:
    """Write them and say how many."""
    written = write_notices(open_server(home), branch, typed_day(day), dry_run=dry_run)
    if as_json:
        say_json(
            {
                "plan_id": written.plan_id,
                "dry_run": dry_run,
                "written": notice_rows(written.new),
                "kept": notice_rows(written.kept),
                "withdrawn": notice_rows(written.withdrawn),
            }
        )
        return
    say(
        _(
            "{new} notices written, {kept} stand as they are, {withdrawn} withdrawn.",
            new=len(written.new),
            kept=len(written.kept),
            withdrawn=len(written.withdrawn),
        )
    )
    if not dry_run:
        note(_("Next: `fieldsync-server notices send`."))


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List notices with their state; refused ones with the rule that refused them."),
    examples=("fieldsync-server notices list --date 2026-11-25",),
)
@click.option("--branch", metavar="B", help=_("Only this branch's."))
@click.option("--date", "day", metavar="YYYY-MM-DD", help=_("Only those of visits on this day."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def list_(home: str | None, *, branch: str | None, day: str | None, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    with reading(ctx.engine) as conn:
        found = find_notices(conn, branch=branch, day=typed_day(day) if day else None)
    if as_json:
        say_json(notice_rows(found))
    elif found:
        say(notice_table(found))
    else:
        note(_("There are no notices."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_("Show a notice as the borrower reads it, and what became of it."),
    examples=("fieldsync-server notices show 4f2a91c0",),
)
@click.argument("notice_id", metavar="NOTICE")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def show(home: str | None, *, notice_id: str, as_json: bool) -> None:
    """Show it."""
    ctx = open_server(home)
    with reading(ctx.engine) as conn:
        found = notice_named(conn, notice_id)
    looks_at(ctx, "notice", found.notice.case_id)
    if as_json:
        say_json({**notice_rows([found])[0], "text": found.notice.text})
    else:
        say_notice(found)


@command.command(
    "send",
    cls=ExampleCommand,
    help=_(
        "Send the notices that wait, each judged by the rules at this moment. One that fails stops no"
        " other and is sent next time; none is given twice."
    ),
    examples=(
        "fieldsync-server notices send",
        "fieldsync-server notices send --branch SZ-NANSHAN --date 2026-11-25 --dry-run",
    ),
)
@click.option("--branch", metavar="B", help=_("Only this branch's."))
@click.option("--date", "day", metavar="YYYY-MM-DD", help=_("Only those of visits on this day."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def send(
    click_ctx: click.Context,
    *,
    branch: str | None,
    day: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send them and say what became of each."""
    ctx = open_server(click_ctx.obj)
    wanted = typed_day(day) if day else None
    sent = send_notices(
        ctx, open_outbox(ctx), ctx.rulesets, branch=branch, day=wanted, dry_run=dry_run
    )
    _tell(click_ctx, sent, as_json=as_json, dry_run=dry_run)


@command.command(
    "resend",
    cls=ExampleCommand,
    help=_("Send one notice once more of which nobody knows whether it arrived."),
    examples=("fieldsync-server notices resend 4f2a91c0",),
)
@click.argument("notice_id", metavar="NOTICE")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def resend_(click_ctx: click.Context, *, notice_id: str, as_json: bool) -> None:
    """Send it."""
    ctx = open_server(click_ctx.obj)
    with reading(ctx.engine) as conn:
        found = notice_named(conn, notice_id)
    sent = resend(ctx, found.notice.notice_id, open_outbox(ctx), ctx.rulesets)
    _tell(click_ctx, [sent], as_json=as_json, dry_run=False)


@command.command(
    "answer",
    cls=ExampleCommand,
    help=_(
        "Take down what the borrower answers: another time, difficulty, or an objection. The visit"
        " leaves every plan at once."
    ),
    examples=(
        (
            "fieldsync-server notices answer 4f2a91c0 --another-time '2026-11-26 15:00-17:00'"
            ' --reason "rang us"'
        ),
        'fieldsync-server notices answer 4f2a91c0 --in-difficulty --reason "her son rang"',
    ),
)
@click.argument("notice_id", metavar="NOTICE")
@click.option(
    "--another-time",
    metavar="SPAN",
    help=_("The time they chose, as 'YYYY-MM-DD HH:MM-HH:MM' on their clock."),
)
@click.option("--in-difficulty", is_flag=True, help=_("They are in difficulty: collection stops."))
@click.option("--objects", is_flag=True, help=_("They object: collection stops."))
@decided(_("What was said, in a few words; no detail of health."))
@click.pass_obj
def answer(
    home: str | None,
    *,
    notice_id: str,
    another_time: str | None,
    in_difficulty: bool,
    objects: bool,
    reason: str,
    by: str,
) -> None:
    """Take it down."""
    if [bool(another_time), in_difficulty, objects].count(True) != 1:
        raise click.UsageError(_("Give one of --another-time, --in-difficulty and --objects."))
    ctx = open_server(home)
    with reading(ctx.engine) as conn:
        found = notice_named(conn, notice_id).notice
    chosen = typed_window(another_time, found.zone) if another_time else None
    kind = NoticeAnswer.OBJECTS if objects else NoticeAnswer.IN_DIFFICULTY
    if chosen is not None:
        kind = NoticeAnswer.ANOTHER_TIME
    answer_notice(ctx, found.notice_id, kind, chosen, reason=reason, by=by)
    say(f"{found.case_id}: {render(name_of(kind))}")
    if kind is NoticeAnswer.ANOTHER_TIME:
        note(_("The visit is off every plan; the next plan keeps the time they chose."))
    else:
        note(_("Collection has stopped; the devices learn it at their next sync."))


command.add_command(import_answers, "import-answers")


def _tell(click_ctx: click.Context, sent: list[Sent], *, as_json: bool, dry_run: bool) -> None:
    """Say what became of each; the exit code is 1 where a channel failed, else 5 where a rule refused."""
    if as_json:
        say_json(sent_rows(sent))
    else:
        say_sent(sent, dry_run=dry_run)
    if any(one.error for one in sent):
        click_ctx.exit(EXIT_FAILED)
    if any(one.stored.notice.refusals for one in sent):
        click_ctx.exit(EXIT_REFUSED)
