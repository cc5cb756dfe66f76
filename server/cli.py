"""The program `fieldsync-server`: its command table and options that every command shares."""

import os
import sys

import click

from fieldsync.locale import _, language_of_environment
from fieldsync.terminal.lazy_group import CommandEntry, LazyGroup, Section, shared_options
from fieldsync.terminal.run import run
from fieldsync.words import words

TABLE = {
    "init": CommandEntry("server.commands.init", words("Set up a server in a folder")),
    "import-cases": CommandEntry(
        "server.commands.import_cases", words("Import a case book (CSV or XLSX)")
    ),
    "import-staff": CommandEntry(
        "server.commands.import_staff", words("Import officers and the pairs they walk in")
    ),
    "import-rescue": CommandEntry(
        "server.commands.import_rescue",
        words("Take in what a dead or copied device still held"),
    ),
    "plan": CommandEntry("server.commands.plan", words("Plan a branch's day")),
    "notices": CommandEntry(
        "server.commands.notices", words("Tell borrowers of a visit, and take down their answers")
    ),
    "duties": CommandEntry(
        "server.commands.duties", words("List what is owed and by when, overdue first")
    ),
    "moratorium": CommandEntry(
        "server.commands.moratorium", words("Give a borrower breathing space")
    ),
    "publish": CommandEntry("server.commands.publish", words("Hand a plan out as itineraries")),
    "enroll-code": CommandEntry(
        "server.commands.enroll_code", words("Make a single-use code for an officer's device")
    ),
    "accounts": CommandEntry(
        "server.commands.accounts", words("Say who may sign in to the office's pages")
    ),
    "revoke": CommandEntry("server.commands.revoke", words("Shut out a device that was lost")),
    "run": CommandEntry("server.commands.run", words("Serve devices")),
    "review": CommandEntry("server.commands.review", words("List and decide what the field sent")),
    "hardship": CommandEntry(
        "server.commands.hardship", words("Answer those who told of a hardship")
    ),
    "visits": CommandEntry("server.commands.visits", words("List visits under way, overdue first")),
    "complaints": CommandEntry(
        "server.commands.complaints", words("List and answer complaints in time")
    ),
    "corrections": CommandEntry(
        "server.commands.corrections", words("Decide what the field proposes to correct")
    ),
    "evidence": CommandEntry("server.commands.evidence", words("Open what was captured at visits")),
    "agreements": CommandEntry("server.commands.agreements", words("Follow instalment agreements")),
    "verify": CommandEntry("server.commands.verify", words("Check a document's seals")),
    "show": CommandEntry(
        "server.commands.show", words("Show a case, plan, itinerary, device or operation")
    ),
    "rules": CommandEntry(
        "server.commands.rules", words("Check actions against the conduct rules")
    ),
    "report": CommandEntry("server.commands.report", words("Report how people were treated")),
    "purge": CommandEntry("server.commands.purge", words("Delete old records that no law keeps")),
    "audit": CommandEntry(
        "server.commands.audit", words("Check that nothing was changed by hand, and prove it")
    ),
    "prune": CommandEntry("server.commands.prune", words("Forget what devices need no more")),
    "doctor": CommandEntry("server.commands.doctor", words("Check this server and say what to do")),
    "demo": CommandEntry("server.commands.demo", words("Play a branch's day from end to end")),
}
SECTIONS = (
    Section(
        words("Set up"),
        (
            "init",
            "import-staff",
            "enroll-code",
            "accounts",
            "revoke",
            "import-rescue",
            "run",
            "rules",
            "prune",
            "purge",
            "audit",
            "doctor",
            "demo",
        ),
    ),
    Section(
        words("Each day"),
        (
            "import-cases",
            "plan",
            "notices",
            "publish",
            "moratorium",
            "duties",
            "review",
            "complaints",
            "corrections",
            "visits",
            "evidence",
            "hardship",
            "show",
            "agreements",
            "verify",
            "report",
        ),
    ),
)
EXAMPLES = (
    "fieldsync-server init",
    "fieldsync-server import-cases cases.csv contacts.csv payments.csv",
    "fieldsync-server plan --branch SZ-NANSHAN --date 2026-11-24",
)


def build_group() -> click.Group:
    """The program's commands; made after the language is known."""

    @click.group(
        cls=LazyGroup,
        table=TABLE,
        sections=SECTIONS,
        examples=EXAMPLES,
        help=_("Plans a branch's field visits, serves its devices and reviews what they send."),
    )
    @click.option("--home", metavar="DIR", help=_("The server's folder (FIELDSYNC_SERVER_HOME)."))
    @shared_options
    @click.pass_context
    def group(ctx: click.Context, home: str | None) -> None:
        ctx.obj = home

    return group


def main() -> None:
    """Entry point; exits with the codes of docs/reference/exit-codes.md."""
    language = language_of_environment(os.environ)
    sys.exit(run(build_group, sys.argv[1:], language=language, program="fieldsync-server"))
