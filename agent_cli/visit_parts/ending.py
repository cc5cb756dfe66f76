"""`fieldsync visit finish`: how a visit ended, and what follows from it."""

import click

from agent_cli.actions import visit as actions
from agent_cli.actions.visit_steps import outcome_after
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.promise_asked import ask_amount, ask_day, read_promise
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from agent_cli.visit_shown import say_finished
from fieldsync.conduct.visit_outcomes import PROMISES
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode, Visit, VisitStep
from fieldsync.errors import InputError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import note
from fieldsync.words import words


@click.command(
    "finish",
    cls=ExampleCommand,
    help=_("End the visit with the code of its outcome."),
    examples=(
        "fieldsync visit finish NS-0001 --outcome NOBODY",
        "fieldsync visit finish NS-0001 --outcome MET_SPOUSE --no-identity-shown",
    ),
)
@click.argument("case_id", metavar="[CASE]", required=False)
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
    case_id: str | None,
    outcome: str | None,
    *,
    identity_shown: bool | None,
    promise_date: str | None,
    promise_amount: str | None,
) -> None:
    """Check out."""
    with open_device(options, is_way_out=True) as ctx:
        mark_training(ctx)
        running = actions.running_visit(ctx, case_id)
        case = cases.load_case(ctx.conn, running.case_id)
        code = _outcome(options, outcome, running)
        stopped = running.stopped_at is not None
        if not stopped and may_ask(options):
            if _must_say(code, running, identity_shown):
                identity_shown = click.confirm(_("Were both identity cards shown?"), err=True)
            if code in PROMISES:
                promise_date = promise_date or ask_day(ctx.clock.now())
                promise_amount = promise_amount or ask_amount(case)
        promise = read_promise(case, promise_date, promise_amount, ctx.clock.now())
        ended = actions.finish(ctx, case, code, identity_shown=identity_shown, promise=promise)
        say_finished(ctx, case, ended)


def _must_say(code: OutcomeCode, visit: Visit, shown: bool | None) -> bool:  # noqa: FBT001 - three answers: yes, no, not said
    """Whether somebody was met and nothing says yet whether the identity was shown."""
    return code in FACE_TO_FACE and shown is None and not visit.has_taken(VisitStep.IDENTITY_SHOWN)


def _outcome(options: Options, named: str | None, visit: Visit) -> OutcomeCode:
    if named is not None:
        return OutcomeCode(named)
    if visit.stop_cause is not None:
        return outcome_after(visit.stop_cause)
    if not may_ask(options):
        raise InputError(
            "600.14",
            words("The outcome is missing."),
            words("Add --outcome CODE; `fieldsync visit finish --outcome list` shows every code."),
        )
    codes = NamedCode(OutcomeCode)
    note(codes.shown())
    return OutcomeCode(click.prompt(_("Outcome"), type=codes, err=True))
