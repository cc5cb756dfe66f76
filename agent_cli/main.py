"""The program `fieldsync`: its command table and options that every command shares."""

import os
import sys
from collections.abc import Sequence

import click

from agent_cli.config import Options, home_of, language_of
from fieldsync.errors import FieldsyncError
from fieldsync.locale import _, language_of_environment
from fieldsync.terminal.lazy_group import CommandEntry, LazyGroup, Section, shared_options
from fieldsync.terminal.run import run
from fieldsync.words import words

TABLE = {
    "sync": CommandEntry("agent_cli.commands.sync", words("Exchange with the server")),
    "today": CommandEntry("agent_cli.commands.today", words("Show the day's stops")),
    "map": CommandEntry("agent_cli.commands.map", words("Draw the day, or write it for a satnav")),
    "show": CommandEntry("agent_cli.commands.show", words("Show a case")),
    "search": CommandEntry("agent_cli.commands.search", words("Find a case by name, place or id")),
    "visit": CommandEntry("agent_cli.commands.visit", words("Start, note and finish a visit")),
    "disclose": CommandEntry(
        "agent_cli.commands.disclose", words("Record a hardship; collection stops at once")
    ),
    "complaint": CommandEntry("agent_cli.commands.complaint", words("Take down a complaint")),
    "correct": CommandEntry("agent_cli.commands.correct", words("Propose a correction")),
    "propose": CommandEntry("agent_cli.commands.propose", words("Find a plan they can afford")),
    "quote": CommandEntry("agent_cli.commands.quote", words("Work out an instalment plan")),
    "agree": CommandEntry("agent_cli.commands.agree", words("Sign an instalment plan")),
    "page": CommandEntry("agent_cli.commands.page", words("Let the borrower read and sign")),
    "verify": CommandEntry("agent_cli.commands.verify", words("Check a document's seals")),
    "replan": CommandEntry("agent_cli.commands.replan", words("Re-order the rest of the day")),
    "status": CommandEntry("agent_cli.commands.status", words("Show what became of your records")),
    "export": CommandEntry("agent_cli.commands.export", words("Write your records to a file")),
    "enroll": CommandEntry("agent_cli.commands.enroll", words("Tie this device to a server")),
    "unlock": CommandEntry("agent_cli.commands.unlock", words("Open this device")),
    "lock": CommandEntry("agent_cli.commands.lock", words("Lock this device")),
    "passphrase": CommandEntry(
        "agent_cli.commands.passphrase", words("Change this device's passphrase")
    ),
    "doctor": CommandEntry("agent_cli.commands.doctor", words("Check this device")),
    "rules": CommandEntry(
        "agent_cli.commands.rules", words("Check actions against the conduct rules")
    ),
    "secret": CommandEntry("agent_cli.commands.secret", words("Set your check-in secret")),
    "config": CommandEntry("agent_cli.commands.config", words("Show and change settings")),
}
SECTIONS = (
    Section(words("Start the day"), ("unlock", "sync", "today", "map", "show", "search")),
    Section(
        words("At the door"),
        (
            "visit",
            "disclose",
            "complaint",
            "correct",
            "propose",
            "quote",
            "agree",
            "page",
            "verify",
            "replan",
        ),
    ),
    Section(words("End the day"), ("status", "export", "lock")),
    Section(words("Set up"), ("enroll", "secret", "passphrase", "doctor", "rules", "config")),
)
EXAMPLES = (
    "fieldsync sync",
    "fieldsync today",
    "fieldsync visit start NS-0001 --with SZ1002",
)


def build_group() -> click.Group:
    """The program's commands; made after the language is known."""

    @click.group(
        cls=LazyGroup,
        table=TABLE,
        sections=SECTIONS,
        examples=EXAMPLES,
        help=_("Carries an officer's day of visits, with or without a network."),
    )
    @click.option("--home", metavar="DIR", help=_("The device's folder (FIELDSYNC_HOME)."))
    @click.option("--no-input", is_flag=True, help=_("Never ask; fail where something is missing."))
    @shared_options
    @click.pass_context
    def group(ctx: click.Context, home: str | None, *, no_input: bool) -> None:
        ctx.obj = Options(home=home, no_input=no_input)

    return group


def configured_language(args: Sequence[str]) -> str:
    """The language before `--lang`: a broken settings file must not keep help from being shown."""
    home = None
    for place, argument in enumerate(args):
        if argument == "--home" and place + 1 < len(args):
            home = args[place + 1]
        elif argument.startswith("--home="):
            home = argument.partition("=")[2]
    try:
        return language_of(home_of(home))
    except (FieldsyncError, OSError):
        return language_of_environment(os.environ)


def main() -> None:
    """Entry point; exits with the codes of docs/reference/exit-codes.md."""
    # What the program writes holds people's debts: no other user of the machine reads it.
    os.umask(0o077)
    args = sys.argv[1:]
    sys.exit(run(build_group, args, language=configured_language(args), program="fieldsync"))
