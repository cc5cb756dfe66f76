"""`fieldsync secret`: set the secret with which this officer proves at the door who they are."""

import sys
from pathlib import Path

import click

from agent_cli.actions.check_in import has_key, old_one_missing, set_secret, text_of
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.terminal_input import may_ask
from fieldsync.domain.check_in import SECRET_LEAST
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say
from fieldsync.words import words


@click.group(
    cls=ExampleGroup,
    help=_("The secret with which you prove at the door who you are."),
    examples=("fieldsync secret set", "fieldsync secret set --file secret.txt"),
)
def command() -> None:
    """The officer's own secret."""


@command.command(
    "set",
    cls=ExampleCommand,
    help=_(
        "Set your secret, typed twice; it is kept nowhere, your colleagues get a key to check it."
    ),
    examples=("fieldsync secret set", "fieldsync secret set --file secret.txt"),
)
@click.option(
    "--file",
    metavar="FILE",
    help=_("Read the secret from this file, or from standard input with `-`."),
)
@click.option(
    "--old-file",
    metavar="FILE",
    help=_("Read the old secret from this file; standard input gives it before the new one."),
)
@click.pass_obj
def set_own(options: Options, file: str | None, old_file: str | None) -> None:
    """Set it; whoever changes one proves first that it is theirs."""
    with open_device(options) as ctx:
        mark_training(ctx)
        own = ctx.identity.officer_id
        had_one = has_key(ctx, own)
        old = _old_secret(options, old_file) if had_one else None
        set_secret(ctx, _secret(options, file), old)
        say(_("The check-in secret of {officer} is set.", officer=own))
        if had_one:
            note(_("The office sees that it was changed."))
        note(_("Next: `fieldsync sync`, so that your colleagues' devices know it too."))


def _old_secret(options: Options, file: str | None) -> str:
    if file is not None:
        return _line_of(file)
    if not may_ask(options):
        raise old_one_missing()
    typed: str = click.prompt(_("Old secret (not shown)"), hide_input=True, err=True)
    return typed


def _secret(options: Options, file: str | None) -> str:
    if file is not None:
        return _line_of(file)
    if not may_ask(options):
        raise InputError(
            "600.29",
            words("The secret is missing."),
            words("Run it on a terminal, or give --file FILE; never type it after the command."),
        )
    note(_("At least {least} characters; four random words are good.", least=SECRET_LEAST))
    typed: str = click.prompt(
        _("New secret (not shown)"), hide_input=True, confirmation_prompt=_("Once more"), err=True
    )
    return typed


def _line_of(file: str) -> str:
    """The one line of a file, or the next of standard input."""
    if file == "-":
        return sys.stdin.readline().strip()
    lines = text_of(Path(file)).strip().splitlines()
    if len(lines) > 1:
        # Nobody could type the others at a door.
        raise InputError(
            "600.29",
            words("{file} must hold one secret on one line.", file=Path(file).name),
            words("Run it on a terminal, or give --file FILE; never type it after the command."),
        )
    return lines[0] if lines else ""
