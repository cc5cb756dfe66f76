"""`fieldsync complaint`: take down a complaint, in the words of whoever makes it."""

import click

from agent_cli.actions.office_matters import complain
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.store import cases, roster
from agent_cli.terminal_input import may_ask
from fieldsync.domain.complaint import ComplaintTopic
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import note, say
from fieldsync.words import words


@click.command(
    cls=ExampleCommand,
    help=_("Take down a complaint in their own words; nobody visits until it is answered."),
    examples=(
        "fieldsync complaint NS-0001 --topic frequency --text 'You called me nine times'",
        "fieldsync complaint NS-0001 --topic conduct --text 'He shouted' --about SZ1002 --in-writing",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--topic",
    metavar="CODE",
    type=NamedCode(ComplaintTopic),
    help=_("What it is about; `--topic list` shows every code."),
)
@click.option("--text", help=_("What they said."))
@click.option(
    "--about",
    multiple=True,
    metavar="OFFICER",
    help=_("An officer it is about, by id or name; may be repeated."),
)
@click.option("--in-writing", is_flag=True, help=_("They wish for an answer in writing."))
@click.pass_obj
def command(
    options: Options,
    case_id: str,
    topic: str | None,
    text: str | None,
    about: tuple[str, ...],
    *,
    in_writing: bool,
) -> None:
    """Take it down."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        named = tuple(roster.find_officer(ctx.conn, who).officer_id for who in about)
        subject, said = _topic(options, topic), _text(options, text)
        made = complain(ctx, case, subject, said, about=named, in_writing=in_writing)
        say(_("Complaint taken down: {topic}.", topic=name_of(made.topic)))
        note(_("Tell them: the bank answers within 15 days, and nobody comes before that."))
        note(_("They may also call the financial consumer hotline 12378."))
        note(_("Next: `fieldsync sync`."))


def _topic(options: Options, named: str | None) -> ComplaintTopic:
    if named is not None:
        return ComplaintTopic(named)
    if not may_ask(options):
        raise _missing()
    codes = NamedCode(ComplaintTopic)
    note(codes.shown())
    return ComplaintTopic(click.prompt(_("What is it about?"), type=codes, err=True))


def _text(options: Options, typed: str | None) -> str:
    if typed is not None:
        return typed
    if not may_ask(options):
        raise _missing()
    said: str = click.prompt(_("What do they say? (in their words)"), err=True)
    return said


def _missing() -> InputError:
    return InputError(
        "600.36",
        words("What the complaint is about, or what was said, is missing."),
        words("Add --topic CODE and --text TEXT; `--topic list` shows every code."),
    )
