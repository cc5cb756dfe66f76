"""The day itself, chapter by chapter: what the office and the officers type, and when."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from fieldsync.errors import EXIT_FAILED, EXIT_REFUSED
from fieldsync.locale import _
from fieldsync.terminal.output import style
from server.context import open_server
from server.demo.cast import (
    BRANCH,
    DAY,
    FELL_ILL,
    NEXT_DAY,
    PAID_MEANWHILE,
    Cast,
    Walking,
    at,
    cast_of,
)
from server.demo.programs import Programs

# What every officer of the practice branch types at a door.
_SECRET = "heron umbrella copper lane"  # noqa: S105 - made up, for practice
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: the programs, the shipped case book and the folder for its results."""

    programs: Programs
    fixtures: Path
    folder: Path


def chapter(number: int, title: str, text: str) -> None:
    """The heading and the words of one chapter."""
    click.echo(style(f"{number}. {title}", fg="cyan", bold=True))
    click.echo(f"   {text}\n")


def office_evening_before(stage: Stage) -> None:
    """Set up, import, plan, publish."""
    server, book, before = (
        stage.programs.server,
        stage.fixtures / "shenzhen",
        at("18:00", DAY.replace(day=23)),
    )
    chapter(
        1,
        _("The case book"),
        _(
            "The evening before. The office sets up a practice server and imports its officers and the bank's case book; what is wrong in a book is listed row by row and kept aside to be mended."
        ),
    )
    lender = ("--lender", _("Example Bank, Shenzhen"), "--lender-phone", "0755-00000000")
    server("init", "--training", *lender, at=before, phase="init")
    server("import-staff", str(book / "staff.csv"), at=before, phase="import")
    files = [str(book / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    server("import-cases", *files, at=before, phase="import")
    rejects = ("--rejects", str(stage.folder / "late_cases.rejects.csv"))
    late = ("import-cases", str(book / "late_cases.csv"), *rejects)
    server(*late, at=before, expect=EXIT_FAILED, phase="import")
    chapter(
        2,
        _("Who may be visited, and by whom"),
        _(
            "A visit is the last resort: most cases stay at home, each with its reason. The rest becomes one day for every pair of officers, and every appointment is kept."
        ),
    )
    where = ("--branch", BRANCH, "--date", DAY.isoformat())
    server("plan", *where, at=before, phase="plan")
    server("publish", *where, at=before, phase="publish")


def morning_at_the_office(stage: Stage) -> Cast:
    """Enrol and sync both officers of four pairs; afterwards the server is stopped."""
    chapter(
        3,
        _("Morning: devices take their day along"),
        _(
            "The officers of four pairs enrol their devices with single-use codes, choose the secrets that prove who they are at a door, and fetch their day. Then the server is stopped: from here on nobody has a network."
        ),
    )
    programs = stage.programs
    ctx = open_server(str(stage.folder / "server"))
    cast = cast_of(ctx.engine)
    ctx.engine.dispose()
    process = programs.start_server(at("07:30"))
    try:
        partners = [pair.partner for pair in cast.pairs]
        leads = [pair.lead for pair in cast.pairs]
        write_secrets(programs, (*partners, *leads))
        # Partners first: the leads' devices then fetch the keys that check their secrets.
        for officer in dict.fromkeys((*partners, *leads)):
            take_the_day_along(programs, officer, show=officer == leads[0])
    finally:
        programs.stop_server(process)
    return cast


PASSPHRASE = "four words for practice"  # noqa: S105 - of made-up devices


def write_secrets(programs: Programs, officers: Sequence[str]) -> None:
    """What these officers would type at a door."""
    lines = (f"{officer} {_SECRET}\n" for officer in officers)
    programs.secrets_file.write_text("".join(lines), encoding="utf-8")


def take_the_day_along(programs: Programs, officer: str, *, show: bool) -> None:
    """One officer's device enrols with a fresh code and fetches the day."""
    asked = programs.server(
        "enroll-code", "--officer", officer, "--json", at=at("07:31"), show=False
    )
    code = json.loads(asked.out)["code"]
    enroll = ("enroll", programs.url, "--code-file", "-", "--passphrase-file", "-")
    typed = f"{code}\n{PASSPHRASE}\n"
    programs.device(officer, *enroll, at=at("07:32"), typed=typed, show=show, phase="enrol")
    secret = ("secret", "set", "--file", "-")
    programs.device(officer, *secret, at=at("07:32"), typed=f"{_SECRET}\n", show=False)
    programs.device(officer, "sync", at=at("07:33"), show=show, phase="sync")


def a_door_that_stays_closed(stage: Stage, pair: Walking) -> None:
    """Too early, and then a visit by one officer alone: both are refused with the rule."""
    device, stop = stage.programs.device, pair.first
    chapter(
        4,
        _("No network: the rules are with the officers"),
        _(
            "Before eight nobody rings, and nobody visits alone. The device refuses, says which rule and where it stands, and keeps the refusal."
        ),
    )
    start = ("visit", "start", stop.case_id, "--with")
    device(pair.lead, "today", at=at("07:45"))
    device(pair.lead, *start, pair.partner, at=at("07:50"), expect=EXIT_REFUSED)
    device(pair.lead, *start, pair.lead, at=stop.start - _A_MINUTE, expect=EXIT_REFUSED)


def nobody_home(stage: Stage, pair: Walking) -> None:
    """A visit to a closed door, and the rest of the day re-planned."""
    device, case, begun = stage.programs.device, pair.first.case_id, pair.first.start
    chapter(
        5,
        _("Nobody home"),
        _(
            "The pair rings, nobody answers; nothing is left that would tell a neighbour of a debt. The time gained re-orders the rest of the day, without a network."
        ),
    )
    device(pair.lead, "visit", "start", case, "--with", pair.partner, at=begun)
    words = _("Rang twice, no answer. No paper left.")
    device(pair.lead, "visit", "note", case, words, at=begun + 4 * _A_MINUTE)
    finish = ("visit", "finish", case, "--outcome", "NOBODY")
    device(pair.lead, *finish, at=begun + 5 * _A_MINUTE)
    replan = ("replan", "--from-stop", case, "--yes")
    device(pair.lead, *replan, at=begun + 6 * _A_MINUTE, phase="replan")
    route = str(stage.folder / "route.html")
    device(pair.lead, "today", "--map", route, at=begun + 7 * _A_MINUTE)


def need_without_diagnosis(stage: Stage, pair: Walking) -> None:
    """A hardship told without consent to keep the cause."""
    device, case, begun = stage.programs.device, pair.first.case_id, pair.first.start
    chapter(
        6,
        _("The need, not the diagnosis"),
        _(
            "Another borrower asks only for time, and for letters instead of visits. That is all that is kept. The visit ends, and collection has stopped."
        ),
    )
    device(pair.lead, "visit", "start", case, "--with", pair.partner, at=begun)
    needs = ("--need", "writing_only", "--need", "time", "--told-by", "debtor")
    device(pair.lead, "disclose", case, *needs, at=begun + 6 * _A_MINUTE)
    finish = ("visit", "finish", case, "--outcome", "HARDSHIP", "--identity-shown")
    device(pair.lead, *finish, at=begun + 9 * _A_MINUTE)


def the_founding_story(stage: Stage, pair: Walking) -> None:
    """Ten o'clock: the borrower had fallen ill, and signs a plan he can keep."""
    device, case = stage.programs.device, FELL_ILL
    chapter(
        7,
        _("Ten o'clock, as agreed: he had fallen ill"),
        _(
            "The officers listen. What he needs is recorded first, the illness only with his consent; collection stops at once. Then they work out twelve instalments without interest, and he signs."
        ),
    )
    device(pair.lead, "show", case, at=at("09:55"))
    device(pair.lead, "visit", "start", case, "--with", pair.partner, at=at("10:00"))
    needs = ("--need", "time", "--need", "lower_payments", "--told-by", "debtor")
    illness = ("--category", "ILLNESS_SELF", "--consent", "--until", "2027-03-31")
    device(pair.lead, "disclose", case, *needs, *illness, at=at("10:12"))
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    device(pair.lead, "quote", case, *terms, at=at("10:20"))
    sign_and_leave(stage, pair, case, terms, hand="first", signed_at=at("10:31"))


def sign_and_leave(
    stage: Stage,
    pair: Walking,
    case: str,
    terms: tuple[str, ...],
    *,
    hand: str,
    signed_at: datetime,
) -> None:
    """One signed agreement, with its document beside the summary, and the end of the visit."""
    device = stage.programs.device
    signature = str(stage.fixtures / "signatures" / f"{hand}.svg")
    copy = str(stage.folder / f"agreement-{case}.pdf")
    signed = ("--signature", signature, "--output", copy, "--yes")
    device(pair.lead, "agree", case, *terms, *signed, at=signed_at)
    finish = ("visit", "finish", case, "--outcome", "PLAN_SIGNED", "--identity-shown")
    device(pair.lead, *finish, at=signed_at + 9 * _A_MINUTE)


def signed_while_the_bank_booked(stage: Stage, pair: Walking) -> None:
    """An agreement on a debt that changed at the office the same morning."""
    device, case = stage.programs.device, PAID_MEANWHILE
    chapter(
        8,
        _("Signed, while the bank booked a payment"),
        _(
            "At two o'clock a second borrower signs equal instalments. Nobody at the door can know that her brother paid part of the debt that morning."
        ),
    )
    device(pair.lead, "visit", "start", case, "--with", pair.partner, at=at("14:00"))
    terms = ("--kind", "annuity", "--months", "24", "--first-due", "2026-12-28", "--rate", "0.06")
    sign_and_leave(stage, pair, case, terms, hand="second", signed_at=at("14:20"))
    device(pair.lead, "status", at=at("14:31"))


def evening_at_the_office(stage: Stage, cast: Cast) -> None:
    """The bank's payment comes in, devices sync, and the office decides what is not plain."""
    programs = stage.programs
    chapter(
        9,
        _("Evening: everything comes home"),
        _(
            "The bank's payment is imported, the server starts, the devices sync. Nothing is lost, nothing comes twice; what the office changed meanwhile goes to a person, with both versions."
        ),
    )
    payment = stage.folder / "payments-of-the-day.csv"
    payment.write_text(
        f"case_id,payment_id,on,amount\n{PAID_MEANWHILE},P-{PAID_MEANWHILE}-1124,{DAY},5000.00\n",
        encoding="utf-8",
    )
    programs.server("import-cases", str(payment), at=at("18:00"), phase="import")
    process = programs.start_server(at("18:30"))
    try:
        for number, officer in enumerate(cast.devices):
            programs.device(officer, "sync", at=at("18:31"), show=number == 0, phase="sync")
        review(stage)
        for pair in cast.pairs:
            programs.device(pair.lead, "sync", at=at("18:45"), show=False, phase="sync")
        programs.device(cast.meets_payer.lead, "status", at=at("18:46"))
    finally:
        programs.stop_server(process)


def review(stage: Stage) -> None:
    """List what waits, look at it, accept it with a reason."""
    server = stage.programs.server
    waiting = json.loads(server("review", "list", "--json", at=at("18:35"), show=False).out)
    server("review", "list", at=at("18:35"))
    for row in waiting:
        server("review", "show", row["op_id"], at=at("18:36"))
        reason = _("The payment is credited to the first instalments; the plan stands.")
        accept = ("review", "accept", row["op_id"], "--reason", reason)
        server(*accept, at=at("18:40"), phase="review")


def the_hold_is_everywhere(stage: Stage, cast: Cast) -> None:
    """The partner's device and the next plan both know that collection stopped."""
    chapter(
        10,
        _("The stop holds everywhere"),
        _(
            "The partner's device shows the hold, and tomorrow's plan leaves the case at home and says why."
        ),
    )
    stage.programs.device(cast.meets_ill.partner, "show", FELL_ILL, at=at("18:50"))
    plan = ("plan", "--branch", BRANCH, "--date", NEXT_DAY.isoformat(), "--seconds", "3")
    stage.programs.server(*plan, at=at("19:00"), phase="plan_next_day")


def play(stage: Stage) -> list[str]:
    """The whole day; the officers whose devices took part."""
    office_evening_before(stage)
    cast = morning_at_the_office(stage)
    chapters: tuple[Callable[[Stage, Walking], None], ...] = (
        a_door_that_stays_closed,
        nobody_home,
        need_without_diagnosis,
        the_founding_story,
        signed_while_the_bank_booked,
    )
    walkers = (
        cast.finds_nobody,
        cast.finds_nobody,
        cast.hears_need,
        cast.meets_ill,
        cast.meets_payer,
    )
    for tell, pair in zip(chapters, walkers, strict=True):
        tell(stage, pair)
    evening_at_the_office(stage, cast)
    the_hold_is_everywhere(stage, cast)
    return cast.devices
