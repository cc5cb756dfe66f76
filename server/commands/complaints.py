"""`fieldsync-server complaints`: what borrowers complained of, when the answer is due, and the answer."""

import click

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.complaint import Complexity
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import labelled, listed, note, say, say_json, table
from server.commands.reads import looks_at
from server.commands.signed_by import decided
from server.context import ServerContext, open_server
from server.store.complaints import ComplaintState, StoredComplaint
from server.store.engine import reading
from server.store.pairs import officer_names
from server.workflow.answer_complaint import answer, extend, get_complaint, list_complaints

_ALL = "all"
_TAIL = 8


@click.group(
    cls=ExampleGroup,
    help=_("See which complaints are open and when each answer is due, and answer them."),
    examples=(
        "fieldsync-server complaints list",
        'fieldsync-server complaints answer 4f2a91c0 --reason "apologised, spoke to the pair"',
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List complaints, what is due first at the top."),
    examples=(
        "fieldsync-server complaints list",
        "fieldsync-server complaints list --state all --json",
    ),
)
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in ComplaintState), _ALL]),
    default=ComplaintState.OPEN.value,
    show_default=True,
    help=_("Which complaints."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, state: str, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    found = list_complaints(ctx, None if state == _ALL else ComplaintState(state))
    looks_at(ctx, "complaint", *(stored.complaint.case_id for stored in found))
    if as_json:
        say_json([_facts(ctx, stored) for stored in found])
        return
    if not found:
        note(_("Nothing is waiting here."))
        return
    names = _names(ctx)
    rows = [
        [
            stored.complaint.complaint_id[-_TAIL:],
            f"{stored.due}",
            _state(ctx, stored),
            stored.complaint.case_id,
            render(name_of(stored.complaint.topic)),
            listed(names.get(one, one) for one in stored.complaint.about_officers),
            names.get(stored.officer_id, stored.officer_id),
        ]
        for stored in found
    ]
    heads = [_("Id"), _("Due"), _("State"), _("Case"), _("About what"), _("About whom")]
    say(table(rows, [*heads, _("Taken down by")]))
    note(_("Next: `fieldsync-server complaints show ID`."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_("Show one complaint whole, with what the office did."),
    examples=("fieldsync-server complaints show 4f2a91c0",),
)
@click.argument("complaint_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, complaint_id: str, as_json: bool) -> None:
    """Show it."""
    ctx = open_server(home)
    stored = get_complaint(ctx, complaint_id)
    looks_at(ctx, "complaint", stored.complaint.case_id)
    if as_json:
        say_json(_facts(ctx, stored))
        return
    names, said = _names(ctx), stored.complaint
    lines = [
        (_("Complaint"), said.complaint_id),
        (_("Case"), said.case_id),
        (_("Made"), said.at.isoformat(sep=" ", timespec="minutes")),
        (_("About what"), render(name_of(said.topic))),
        (_("About whom"), listed(names.get(one, one) for one in said.about_officers)),
        (_("Words"), said.text),
        (_("Answer in writing"), _("yes") if said.in_writing else _("no")),
        (_("Taken down by"), names.get(stored.officer_id, stored.officer_id)),
        (_("Complexity"), render(name_of(stored.complexity))),
        (_("More time because"), stored.extended_reason or ""),
        (_("Due"), f"{stored.due}"),
        (_("State"), _state(ctx, stored)),
        (_("Answer"), stored.answer or ""),
        (_("Answered by"), stored.answered_by or ""),
    ]
    say("\n".join(labelled(name, value) for name, value in lines if value))


@command.command(
    "answer",
    cls=ExampleCommand,
    help=_("Keep what the borrower was answered; the complaint is closed."),
    examples=('fieldsync-server complaints answer 4f2a91c0 --reason "apologised" --by Li',),
)
@click.argument("complaint_id", metavar="ID")
@decided(_("What the borrower was answered."))
@click.pass_obj
def answer_(home: str | None, *, complaint_id: str, reason: str, by: str) -> None:
    """Answer it."""
    stored = answer(open_server(home), complaint_id, reason=reason, by=by)
    say(_("{case_id}: the complaint is answered.", case_id=stored.complaint.case_id))


@command.command(
    "extend",
    cls=ExampleCommand,
    help=_("Take the time that the law gives for a more involved complaint: 30 or 60 days in all."),
    examples=(
        'fieldsync-server complaints extend 4f2a91c0 --complexity complex --reason "more calls to hear"',
    ),
)
@click.argument("complaint_id", metavar="ID")
@click.option(
    "--complexity",
    type=click.Choice([Complexity.COMPLEX.value, Complexity.SPECIALLY_COMPLEX.value]),
    required=True,
    help=_("How involved it is."),
)
@decided(_("Why it takes longer; it is kept with the complaint."))
@click.pass_obj
def extend_(home: str | None, *, complaint_id: str, complexity: str, reason: str, by: str) -> None:
    """Extend it."""
    ctx = open_server(home)
    stored = extend(ctx, complaint_id, Complexity(complexity), reason=reason, by=by)
    said = stored.complaint
    say(_("{case_id}: the answer is due by {due}.", case_id=said.case_id, due=f"{stored.due}"))


def _state(ctx: ServerContext, stored: StoredComplaint) -> str:
    if stored.state is ComplaintState.ANSWERED:
        return _("answered")
    return _("overdue") if stored.due < ctx.clock.now().date() else _("open")


def _names(ctx: ServerContext) -> dict[str, str]:
    with reading(ctx.engine) as conn:
        return officer_names(conn)


def _facts(ctx: ServerContext, stored: StoredComplaint) -> dict[str, object]:
    is_open = stored.state is ComplaintState.OPEN
    return {
        **to_builtins(stored),
        "overdue": is_open and stored.due < ctx.clock.now().date(),
    }
