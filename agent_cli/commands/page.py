"""`fieldsync page`: a page on this machine on which the borrower reads, thinks and signs; no network."""

import dataclasses
import webbrowser
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from agent_cli.actions.agree import sit_down
from agent_cli.actions.mandate import mandate_for
from agent_cli.actions.quote import debt_of, quote_case
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.plan_shown import show_beyond, show_plan
from agent_cli.plan_typed import TypedPlan, more_terms, plain_terms, read_more
from agent_cli.shown import mark_training
from agent_cli.store.cases import load_case
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json
from fieldsync.words import words

if TYPE_CHECKING:
    from agent_cli.page.sitting import Sitting


@click.command(
    cls=ExampleCommand,
    help=_(
        "Open a page for CASE on this machine: the borrower reads the plan there and signs, or not."
    ),
    examples=(
        "fieldsync page NS-0001 --kind interest_free --months 12 --first-due 2026-12-25",
        "fieldsync page NS-0001 --kind annuity --months 24 --first-due 2026-12-25 --no-open",
    ),
)
@click.argument("case_id", metavar="CASE")
@plain_terms
@more_terms
@click.option("--visit", "visit_id", metavar="ID", help=_("The visit this belongs to."))
@click.option("--replace", is_flag=True, help=_("A new version of the agreement in force."))
@click.option("--remind", is_flag=True, help=_("The borrower asks to be reminded of due days."))
@click.option("--no-open", is_flag=True, help=_("Only show the link; open no browser."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    options: Options,
    /,
    case_id: str,
    *,
    kind: str | None,
    months: int | None,
    first_due: date | None,
    rate: Decimal | None,
    visit_id: str | None,
    replace: bool,
    remind: bool,
    no_open: bool,
    as_json: bool,
    **more: Any,
) -> None:
    """Serve the page."""
    if kind is None or months is None or first_due is None:
        raise click.UsageError(_("Give --kind, --months and --first-due."))
    serve = _server()
    with open_device(options) as ctx:
        case = load_case(ctx.conn, case_id)
        mark_training(ctx)
        table = sit_down(ctx, case, visit_id, replaces=replace)
        table = dataclasses.replace(table, reminders=remind)
        typed = TypedPlan(kind, months, first_due, rate, read_more(more))
        offer = quote_case(ctx, case, typed.terms(debt_of(case), mandate_for(ctx, case)))
        if not as_json:
            show_plan(offer.quote)
        show_beyond(offer)
        sitting = serve(ctx, case, offer, table, lambda link: _told(link, is_opened=not no_open))
    _report(sitting, case_id, as_json=as_json)


def _server() -> Any:
    """The page's server; InputError 600.85 where its packages are not installed."""
    try:
        from agent_cli.page.serving import serve
    except ModuleNotFoundError as error:
        raise InputError(
            "600.85",
            words("The signing page needs a package that is not installed."),
            words("Run `pip install 'fieldsync[page]'`, or use `fieldsync agree`."),
        ) from error
    return serve


def _told(link: str, *, is_opened: bool) -> None:
    note(_("The page is at {link}; the link works once. Ctrl-C closes it.", link=link))
    if is_opened:
        webbrowser.open(url=link)


def _report(sitting: "Sitting", case_id: str, *, as_json: bool) -> None:
    signed = sitting.signed
    ending = sitting.ending.value if sitting.ending else "closed"
    if as_json:
        said = signed.agreement.agreement_id if signed else None
        say_json({"case_id": case_id, "ending": ending, "agreement_id": said})
        return
    if signed:
        say(
            _(
                "Agreement {id} is signed; collection of this case has stopped.",
                id=signed.agreement.agreement_id,
            )
        )
        note(_("Next: `fieldsync visit finish {case_id} --outcome PLAN_SIGNED`.", case_id=case_id))
    else:
        say(_("Nothing was signed, and nothing recorded; that is the borrower's right."))
        note(_("Next: `fieldsync visit finish {case_id} --outcome MET_DEBTOR`.", case_id=case_id))
