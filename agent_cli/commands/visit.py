"""`fieldsync visit`: start, note, finish and list visits."""

from pathlib import Path

import click

from agent_cli.actions import visit as actions
from agent_cli.config import Options, settings
from agent_cli.context import DeviceContext, open_device
from agent_cli.findings_shown import say_findings
from agent_cli.promise_asked import ask_amount, ask_day, read_promise
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import cases, roster, visits
from agent_cli.terminal_input import may_ask, said
from fieldsync.conduct.visit_findings import met_third_party
from fieldsync.conduct.visit_outcomes import PROMISES
from fieldsync.domain.case import Case, HoldKind
from fieldsync.domain.codec import from_builtins, to_builtins
from fieldsync.domain.verdict import Finding
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode, Visit
from fieldsync.errors import InputError, NotFoundError, RefusedError
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import note, say, say_json, table
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words


@click.group(
    cls=ExampleGroup,
    help=_("Start, note and finish a visit; works with no network."),
    examples=(
        "fieldsync visit start NS-0001 --with SZ1002",
        "fieldsync visit note NS-0001 'Gate code 4, ask for the back house'",
        "fieldsync visit finish NS-0001 --outcome MET_DEBTOR --identity-shown",
    ),
)
def command() -> None:
    """The steps of a visit."""


@command.command(
    "start",
    cls=ExampleCommand,
    help=_("Begin a visit with a second officer, if the rules allow it here and now."),
    examples=(
        "fieldsync visit start NS-0001 --with SZ1002",
        "fieldsync visit start NS-0001 --with SZ1002 --address work",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option("--with", "partner", metavar="OFFICER", help=_("The second officer, by id or name."))
@click.option("--address", metavar="home|work|ID", help=_("Another address than the stop's."))
@click.pass_obj
def start(options: Options, case_id: str, partner: str | None, address: str | None) -> None:
    """Check in at the door."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        place = actions.address_at(ctx, case, address)
        officers = _officers(options, ctx, partner)
        try:
            begun = actions.start(ctx, case, place, officers)
        except RefusedError as error:
            say_findings(_findings_of(error))
            raise
        say_findings(begun.verdict.findings)
        say(
            _(
                "Visit to {name} started at {time}: {address}.",
                name=case.borrower.name,
                time=clock_time(begun.visit.started_at),
                address=place.text,
            )
        )
        if begun.leave_by is not None:
            note(_("The visit must be over by {time}.", time=clock_time(begun.leave_by)))
        note(_("Show your identity first. Listen before you speak of money."))
        note(_("Next: `fieldsync visit finish {case_id}`.", case_id=case_id))


@command.command(
    "note",
    cls=ExampleCommand,
    help=_("Keep a remark on the visit that is under way."),
    examples=(
        "fieldsync visit note NS-0001 'Asks for a call after 18:00'",
        "fieldsync visit note NS-0001 'Please call me back. Lin' --left-behind",
        "fieldsync visit note NS-0001 'The letter box is broken' --attach photo.jpg",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.argument("text")
@click.option(
    "--left-behind",
    is_flag=True,
    help=_("The words are for somebody else than the borrower: they are checked first."),
)
@click.option(
    "--attach",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("A photo, recording or PDF of 20 MB at most that goes with the note; may be repeated."),
)
@click.pass_obj
def add_note(
    options: Options, case_id: str, text: str, *, left_behind: bool, files: tuple[Path, ...]
) -> None:
    """Keep a remark."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        try:
            actions.note(ctx, case, text, left_behind=left_behind, files=files)
        except RefusedError as error:
            say_findings(_findings_of(error))
            raise
        say(_("Noted."))
        if files:
            note(_("Files kept with it: {count}. They go up after the note.", count=len(files)))


@command.command(
    "finish",
    cls=ExampleCommand,
    help=_("End the visit with the code of its outcome."),
    examples=(
        "fieldsync visit finish NS-0001 --outcome NOBODY",
        "fieldsync visit finish NS-0001 --outcome MET_SPOUSE --no-identity-shown",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--outcome",
    metavar="CODE",
    type=NamedCode(OutcomeCode),
    help=_("How it ended; `--outcome list` shows every code."),
)
@click.option(
    "--identity-shown/--no-identity-shown",
    default=None,
    help=_("Whether both identity cards were shown; needed where somebody was met."),
)
@click.option("--promise-date", metavar="YYYY-MM-DD", help=_("When they promised to pay."))
@click.option("--promise-amount", metavar="AMOUNT", help=_("How much, such as 800.00."))
@click.pass_obj
def finish(
    options: Options,
    case_id: str,
    outcome: str | None,
    *,
    identity_shown: bool | None,
    promise_date: str | None,
    promise_amount: str | None,
) -> None:
    """Check out."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        running = actions.running_visit(ctx, case_id)
        code = _outcome(options, outcome)
        if code in FACE_TO_FACE and identity_shown is None and may_ask(options):
            identity_shown = click.confirm(_("Were both identity cards shown?"), err=True)
        if code in PROMISES and may_ask(options):
            promise_date = promise_date or ask_day(ctx.clock.now())
            promise_amount = promise_amount or ask_amount(case)
        promise = read_promise(case, promise_date, promise_amount, ctx.clock.now())
        actions.finish(ctx, case, code, identity_shown=identity_shown, promise=promise)
        say(
            _(
                "Visit to {name} finished: {outcome}.",
                name=case.borrower.name,
                outcome=name_of(code),
            )
        )
        _say_consequences(ctx, case, code, running, identity_shown=identity_shown)


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List the visits made on a day."),
    examples=("fieldsync visit list", "fieldsync visit list --date 2026-11-24 --json"),
)
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help=_("Another day than today."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def list_visits(options: Options, day_text: str | None, *, as_json: bool) -> None:
    """List a day's visits."""
    with open_device(options) as ctx:
        mark_training(ctx)
        day = ctx.clock.now().date() if day_text is None else typed_day(day_text)
        made = visits.of_day(ctx.conn, day)
        if as_json:
            say_json({"date": day.isoformat(), "visits": [to_builtins(visit) for visit in made]})
        elif not made:
            note(_("No visit was made on {day}.", day=day.isoformat()))
        else:
            head = (_("Started"), _("Ended"), _("Case"), _("Officers"), _("Outcome"))
            say(table([_row(visit) for visit in made], head))


def _officers(options: Options, ctx: DeviceContext, partner: str | None) -> tuple[str, ...]:
    """Who is checked in; UsageError where nobody said who the second officer is, nor can be asked."""
    own = ctx.identity.officer_id
    named = partner or settings(ctx.home)["partner"].value
    if named:
        return (own, roster.find_officer(ctx.conn, named).officer_id)
    if not may_ask(options):
        raise click.UsageError(
            _(
                "Name the second officer with --with, or for every visit:"
                " `fieldsync config set partner OFFICER`."
            )
        )
    second: str = click.prompt(
        _("Second officer at the door (id or name)"),
        default=roster.partner_of_day(ctx.conn, ctx.clock.now().date(), own),
        value_proc=lambda text: _known_officer(ctx, text),
        err=True,
    )
    return (own, second)


def _known_officer(ctx: DeviceContext, text: str) -> str:
    """The id of the officer typed; click asks again where there is none."""
    try:
        return roster.find_officer(ctx.conn, text.strip()).officer_id
    except NotFoundError as error:
        raise click.BadParameter(said(error)) from error


def _outcome(options: Options, named: str | None) -> OutcomeCode:
    if named is not None:
        return OutcomeCode(named)
    if not may_ask(options):
        raise InputError(
            "600.14",
            words("The outcome is missing."),
            words("Add --outcome CODE; `fieldsync visit finish --outcome list` shows every code."),
        )
    codes = NamedCode(OutcomeCode)
    note(codes.shown())
    return OutcomeCode(click.prompt(_("Outcome"), type=codes, err=True))


def _findings_of(error: RefusedError) -> list[Finding]:
    found = error.details.get("findings")
    return [from_builtins(row, Finding) for row in found] if isinstance(found, list) else []


def _say_consequences(
    ctx: DeviceContext, case: Case, code: OutcomeCode, visit: Visit, *, identity_shown: bool | None
) -> None:
    if code in FACE_TO_FACE and identity_shown is False:
        note(_("CN-ID: the identity cards must be shown. The office will see that they were not."))
    if met_third_party(code):
        told = actions.third_party_findings(ctx, case, visit, actions.notes_of(ctx, visit))
        say_findings(told)
        if not told:
            note(
                _("Nothing of the debt may be told to anybody but the borrower (CN-THIRD-CONTENT).")
            )
    if actions.stops_collection(code):
        note(
            _(
                "Collection on {case_id} is on hold on this device from now on.",
                case_id=case.case_id,
            )
        )
    if code is OutcomeCode.HARDSHIP and not any(h.kind is HoldKind.HARDSHIP for h in case.holds):
        note(_("Next: `fieldsync disclose {case_id}`.", case_id=case.case_id))
    else:
        note(_("Next: `fieldsync today`."))


def _row(visit: Visit) -> tuple[str, ...]:
    return (
        clock_time(visit.started_at),
        clock_time(visit.finished_at) if visit.finished_at else _("under way"),
        visit.case_id,
        ", ".join(visit.officers),
        render(name_of(visit.outcome)) if visit.outcome else "",
    )
