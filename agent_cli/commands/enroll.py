"""`fieldsync enroll`: tie this device to a server with a single-use code."""

import sys
from datetime import date
from pathlib import Path

import click

from agent_cli.actions.enrol import Line, enrol
from agent_cli.actions.enrol_again import (
    NEXT,
    LeftBehind,
    check_leaving,
    enrol_again,
    finish_interrupted,
)
from agent_cli.config import Options, home_of, sound_value
from agent_cli.identity import Identity
from agent_cli.passphrase_asked import new_passphrase
from agent_cli.store.database import DATABASE_NAME
from agent_cli.terminal_input import may_ask
from agent_cli.unlock import keep_as_set, unlock
from fieldsync.adapters.clock import SystemClock
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
        "fieldsync enroll https://fieldsync.bank.example --again",
    ),
)
@click.argument("url")
@click.option(
    "--code-file",
    metavar="FILE",
    help=_("Read the code from this file, or from standard input with `-`."),
)
@click.option(
    "--passphrase-file",
    metavar="FILE",
    help=_("Read the new passphrase from this file, or from standard input with `-`."),
)
@click.option(
    "--again",
    is_flag=True,
    help=_("Enrol this device anew; the old copy is moved aside, nothing is deleted."),
)
@click.option(
    "--force",
    is_flag=True,
    help=_("With --again: also where records are only on this device; they stay in the old copy."),
)
@click.pass_obj
def command(
    options: Options,
    url: str,
    code_file: str | None,
    passphrase_file: str | None,
    *,
    again: bool,
    force: bool,
) -> None:
    """Enrol."""
    if force and not again:
        raise click.UsageError(_("--force goes only with --again."))
    home, today = home_of(options.home), SystemClock().now().date()
    is_enrolled = (home / DATABASE_NAME).is_file()
    if is_enrolled:
        unlock(options, home)
    left = check_leaving(home, force=force) if again else LeftBehind()
    finished = _finished(options, home, today) if again or not is_enrolled else None
    if finished is not None:
        _say_moved(finished, left)
        return
    code = _code(options, code_file)
    passphrase = new_passphrase(options, passphrase_file)
    line = Line(int(sound_value(home, "timeout_s")), sound_value(home, "ca_file"))

    def enrol_in(folder: Path) -> Identity:
        return enrol(folder, url, code, passphrase, line)

    if again and is_enrolled:
        _say_moved(enrol_again(home, today, enrol_in), left)
    else:
        _say(enrol_in(home))
    keep_as_set(home)


def _finished(options: Options, home: Path, today: date) -> tuple[Identity, Path] | None:
    unlock(options, home / NEXT)
    return finish_interrupted(home, today)


def _say_moved(done: tuple[Identity, Path], left: LeftBehind) -> None:
    identity, aside = done
    _say(identity)
    note(_("The old copy is in {path}; nothing of it was deleted.", path=str(aside)))
    if left.records or left.files:
        note(
            _(
                "{records} records and {files} files are only there. Write them out for the office:"
                " `fieldsync --home {path} export --rescue FILE`.",
                records=left.records,
                files=left.files,
                path=str(aside),
            )
        )


def _say(identity: Identity) -> None:
    say(
        _(
            "This device is {officer}'s now ({officer_id}, {branch}).",
            officer=identity.officer_name,
            officer_id=identity.officer_id,
            branch=identity.branch,
        )
    )
    note(_("Next: `fieldsync secret set`, then `fieldsync sync`."))


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
