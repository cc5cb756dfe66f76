"""`fieldsync enroll`: tie this device to a server with a single-use code."""

import sys
from pathlib import Path

import click

from agent_cli.actions.enrol import enrol
from agent_cli.config import Options, home_of, sound_value
from agent_cli.terminal_input import may_ask
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.words import words


@click.command(
    cls=ExampleCommand,
    help=_("Tie this device to the server at URL with the single-use code from the office."),
    examples=(
        "fieldsync enroll https://fieldsync.bank.example",
        "fieldsync enroll https://fieldsync.bank.example --code-file code.txt",
    ),
)
@click.argument("url")
@click.option(
    "--code-file",
    metavar="FILE",
    help=_("Read the code from this file, or from standard input with `-`."),
)
@click.pass_obj
def command(options: Options, url: str, code_file: str | None) -> None:
    """Enrol."""
    home = home_of(options.home)
    code = _code(options, code_file)
    timeout_s, ca_file = int(sound_value(home, "timeout_s")), sound_value(home, "ca_file")
    identity = enrol(home, url, code, timeout_s, ca_file)
    say(
        _(
            "This device is {officer}'s now ({officer_id}, {branch}).",
            officer=identity.officer_name,
            officer_id=identity.officer_id,
            branch=identity.branch,
        )
    )
    note(_("Next: `fieldsync sync`."))


def _code(options: Options, code_file: str | None) -> str:
    if code_file == "-":
        code = sys.stdin.readline()
    elif code_file is not None:
        try:
            code = Path(code_file).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            code = ""
    elif may_ask(options):
        code = click.prompt(_("Code from the office"), hide_input=True, err=True)
    else:
        raise InputError(
            "600.7",
            words("The enrolment code is missing."),
            words("Give a file with --code-file, or `-` for standard input."),
        )
    if not code.strip():
        raise InputError(
            "600.8",
            words("There is no code in what was given."),
            words("Ask the office for a new one."),
        )
    return code.strip()
