"""`fieldsync-server hardship`: the hardship team's queue, what only it may read, and its answers."""

from pathlib import Path

import click
from nacl.public import PrivateKey

from fieldsync.domain.hardship_decision import Relief, Signpost
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import listed, note, say, say_json
from fieldsync.terminal.typed_day import typed_day
from server.commands.hardship_shown import (
    opened_facts,
    review_facts,
    review_table,
    save_papers,
    say_opened,
    say_review,
)
from server.commands.reads import looks_at
from server.commands.signed_by import decided, signed_in
from server.commands.team_passphrase import (
    new_passphrase,
    passphrase_file_option,
    said_passphrase,
    say_where_it_lies,
)
from server.context import open_server
from server.workflow.decide_hardship import Answer, decide, withdraw
from server.workflow.hardship_key import replace_hardship_key
from server.workflow.hardship_reviews import list_reviews, view_review
from server.workflow.lift_hold import lift
from server.workflow.open_disclosure import Opened, open_disclosure, team_keys


@click.group(
    cls=ExampleGroup,
    help=_("The hardship team's queue: who is owed an answer, what was told, what was decided."),
    examples=("fieldsync-server hardship list --due", "fieldsync-server hardship show NS-0001"),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List disclosures that wait for an answer, what is due first at the top."),
    examples=("fieldsync-server hardship list", "fieldsync-server hardship list --due --json"),
)
@click.option("--due", is_flag=True, help=_("Only what is due today or overdue."))
@click.option("--all", "everything", is_flag=True, help=_("What is answered and over too."))
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, due: bool, everything: bool, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    due_by = ctx.clock.now().date() if due else None
    found = list_reviews(ctx, everything=everything, due_by=due_by)
    looks_at(ctx, "hardship", *(view.review.case_id for view in found))
    if as_json:
        say_json([review_facts(view) for view in found])
        return
    if not found:
        note(_("Nobody waits for an answer here."))
        return
    say(review_table(found))
    note(_("Next: `fieldsync-server hardship show ID`."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_(
        "Show one disclosure. What is private opens with the team's passphrase; who looked is"
        " written down."
    ),
    examples=(
        "fieldsync-server hardship show NS-0001",
        "fieldsync-server hardship show NS-0001 --passphrase-file team.txt --save-papers papers",
    ),
)
@click.argument("name", metavar="ID")
@passphrase_file_option(_("A file with the team's passphrase."))
@click.option(
    "--save-papers",
    "papers",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Write the copies of papers into this folder."),
)
@click.option(
    "--by",
    metavar="NAME",
    default=signed_in,
    help=_("Who looks; by default who is signed in to this machine."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(
    home: str | None,
    *,
    name: str,
    passphrase_file: Path | None,
    papers: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Show it."""
    ctx = open_server(home)
    view = view_review(ctx, name)
    looks_at(ctx, "hardship", view.review.case_id)
    passphrase = said_passphrase(passphrase_file)
    opened: Opened | None = None
    keys: tuple[PrivateKey, ...] = ()
    if passphrase is not None:
        keys = team_keys(ctx, passphrase)
        opened = open_disclosure(ctx, view.review.disclosure_id, keys, by)
    if as_json:
        say_json({**review_facts(view), "opened": opened_facts(opened)})
    else:
        say_review(view)
        if opened is None:
            note(_("What is private stays closed: give --passphrase-file to open it."))
        else:
            say_opened(opened)
    if papers is not None and opened is not None and opened.part is not None:
        save_papers(ctx, keys, opened.part, papers)


@command.command(
    "decide",
    cls=ExampleCommand,
    help=_(
        "Answer a disclosure: what the bank does, how long collection rests, where to find help."
        " The officer is told the answer, never the reason."
    ),
    examples=(
        'fieldsync-server hardship decide NS-0001 --relief pause --hold-until 2027-03-01 --reason "in hospital"',
        'fieldsync-server hardship decide NS-0001 --relief none --signpost debt_advice --reason "works again"',
    ),
)
@click.argument("name", metavar="ID")
@click.option(
    "--relief",
    "reliefs",
    multiple=True,
    metavar="CODE",
    type=NamedCode(Relief),
    help=_("What the bank does, once or several times; `--relief list` shows every code."),
)
@click.option(
    "--signpost",
    "signposts",
    multiple=True,
    metavar="CODE",
    type=NamedCode(Signpost),
    help=_("Where the person was told to find help; `--signpost list` shows every code."),
)
@click.option(
    "--hold-until",
    metavar="YYYY-MM-DD",
    help=_("Until when collection rests; left out, until a person lifts the hold."),
)
@decided(_("Why; only the hardship team reads it."))
@click.pass_obj
def decide_(
    home: str | None,
    *,
    name: str,
    reliefs: tuple[str, ...],
    signposts: tuple[str, ...],
    hold_until: str | None,
    reason: str,
    by: str,
) -> None:
    """Answer it."""
    answer = Answer(
        [Relief(code) for code in reliefs],
        [Signpost(code) for code in signposts],
        typed_day(hold_until) if hold_until else None,
    )
    decision = decide(open_server(home), name, answer, reason=reason, by=by)
    given = listed(render(name_of(relief)) for relief in decision.reliefs)
    say(_("{case_id}: answered, {reliefs}.", case_id=decision.case_id, reliefs=given))
    if decision.hold_until is None:
        note(_("Collection stays stopped until a person lifts the hold."))
    else:
        note(_("Collection rests until {day}.", day=decision.hold_until.isoformat()))
    note(_("The officer's device is told at its next sync."))


@command.command(
    "lift",
    cls=ExampleCommand,
    help=_("Lift the hold of a disclosure: collection on the case may go on."),
    examples=(
        'fieldsync-server hardship lift NS-0001 --reason "relief agreed, instalments begin"',
    ),
)
@click.argument("name", metavar="ID")
@decided(_("Why, without anything private; it is kept with the hold."))
@click.pass_obj
def lift_(home: str | None, *, name: str, reason: str, by: str) -> None:
    """Lift it."""
    ctx = open_server(home)
    review = view_review(ctx, name).review
    lifted, left = lift(ctx, review.case_id, reason=reason, by=by, hold_id=review.hold_id)
    say(
        _(
            "{case_id}: the hold ({kind}) is lifted.",
            case_id=review.case_id,
            kind=name_of(lifted.kind),
        )
    )
    if left:
        kinds = listed(render(name_of(hold.kind)) for hold in left)
        note(_("Collection stays stopped: {kinds}.", kinds=kinds))
    else:
        note(_("The devices learn it at their next sync."))


@command.command(
    "withdraw",
    cls=ExampleCommand,
    help=_("The person takes the consent back: what was sealed is deleted, the need stays."),
    examples=('fieldsync-server hardship withdraw NS-0001 --reason "rang us on 3 December"',),
)
@click.argument("name", metavar="ID")
@decided(_("Why, without anything private."))
@click.pass_obj
def withdraw_(home: str | None, *, name: str, reason: str, by: str) -> None:
    """Delete it."""
    review = withdraw(open_server(home), name, reason=reason, by=by)
    say(_("{case_id}: what was sealed is deleted, the need stays.", case_id=review.case_id))


@command.command(
    "key",
    cls=ExampleCommand,
    help=_(
        "Give the team a new key: from their next sync on devices seal to it. What was sealed"
        " before still opens with the older one."
    ),
    examples=("fieldsync-server hardship key --passphrase-file new.txt",),
)
@passphrase_file_option(_("A file with the passphrase of the new key."))
@click.option(
    "--by",
    metavar="NAME",
    default=signed_in,
    help=_("Who decides; by default who is signed in to this machine."),
)
@click.pass_obj
def key(home: str | None, *, passphrase_file: Path | None, by: str) -> None:
    """Make it."""
    ctx = open_server(home)
    passphrase = new_passphrase(passphrase_file, ask=True)
    public = replace_hardship_key(ctx, passphrase, by)
    say(_("The hardship team has a new key: {key}", key=public))
    if passphrase is None:
        say_where_it_lies(ctx.config.home)
