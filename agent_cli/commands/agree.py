"""`fieldsync agree`: read the plan together, take the drawn signature, record the agreement."""

import dataclasses
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from agent_cli.actions.agree import Signed, sign, sit_down, summary_of
from agent_cli.actions.mandate import mandate_for
from agent_cli.actions.quote import Offer, debt_of, quote_case
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.plan_shown import (
    ask_kind,
    read_count,
    read_day,
    read_rate,
    show_beyond,
    show_plan,
)
from agent_cli.plan_typed import MoreTerms, TypedPlan, more_terms, plain_terms, read_more
from agent_cli.shown import mark_training
from agent_cli.store.cases import load_case
from agent_cli.terminal_input import may_ask
from fieldsync.agreements.signature import media_type_of
from fieldsync.domain.agreement import Standing
from fieldsync.domain.case import Case
from fieldsync.errors import InputError
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    cls=ExampleCommand,
    help=_("Sign an instalment plan for CASE: show it, take the signature, make the document."),
    examples=(
        "fieldsync agree NS-0001",
        "fieldsync agree NS-0001 --kind interest_free --months 12 --first-due 2026-12-25 --signature signed.svg --output plan.pdf",
    ),
)
@click.argument("case_id", metavar="CASE")
@plain_terms
@more_terms
@click.option(
    "--signature", type=_FILE, metavar="FILE", help=_("The drawn signature, an SVG or PNG file.")
)
@click.option("--visit", "visit_id", metavar="ID", help=_("The visit this belongs to."))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help=_("Also write the signed document here, for the borrower's copy."),
)
@click.option("--replace", is_flag=True, help=_("A new version of the agreement in force."))
@click.option("--remind", is_flag=True, help=_("The borrower asks to be reminded of due days."))
@click.option("--yes", is_flag=True, help=_("The borrower has read or heard it and agrees."))
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
    signature: Path | None,
    visit_id: str | None,
    output: Path | None,
    replace: bool,
    remind: bool,
    yes: bool,
    as_json: bool,
    **more: Any,
) -> None:
    """Agree and sign."""
    with open_device(options) as ctx:
        case = load_case(ctx.conn, case_id)
        mark_training(ctx)
        table = sit_down(ctx, case, visit_id, replaces=replace)
        table = dataclasses.replace(table, reminders=remind)
        _check_folder(output)
        _require(options, kind, months, first_due, signature, yes=yes)
        typed = _Typed(kind, months, first_due, rate, read_more(more))
        agreed = _agreed(ctx, case, typed, options)
        if not as_json:
            show_plan(agreed.quote)
        show_beyond(agreed)
        for sentence in summary_of(ctx, case, agreed, table):
            note(sentence)
        drawing = _drawing(signature)
        if not yes:
            _confirm()
        signed = sign(ctx, case, agreed, table, drawing)
    _report(signed, _write_copy(signed, output), as_json=as_json)


def _require(
    options: Options,
    kind: str | None,
    months: int | None,
    first_due: date | None,
    signature: Path | None,
    *,
    yes: bool,
) -> None:
    """Where nobody can be asked, everything must have been said."""
    given = {
        "--kind": kind,
        "--months": months,
        "--first-due": first_due,
        "--signature": signature,
        "--yes": yes or None,
    }
    missing = [name for name, value in given.items() if value is None]
    if missing and not may_ask(options):
        raise click.UsageError(_("Missing: {options}.", options=", ".join(missing)))


def _check_folder(output: Path | None) -> None:
    """The copy must have somewhere to go before anything is signed."""
    if output is not None and not output.absolute().parent.is_dir():
        raise click.BadParameter(
            _("There is no folder {folder}.", folder=str(output.absolute().parent)),
            param_hint="--output",
        )


@dataclass(frozen=True, slots=True)
class _Typed:
    """The terms as far as they were typed; fields are named as `TermsProblem.field` names them."""

    kind: str | None
    months: int | None
    first_due: date | None
    yearly_rate: Decimal | None
    more: MoreTerms

    def whole(self) -> TypedPlan:
        """The terms, asked for where they were left out."""
        kind = self.kind or ask_kind()
        months = self.months
        if months is None:
            months = click.prompt(_("Number of instalments"), value_proc=read_count, err=True)
        due = self.first_due or click.prompt(_("First due day"), value_proc=read_day, err=True)
        return TypedPlan(kind, months, due, self.yearly_rate, self.more)


def _agreed(ctx: DeviceContext, case: Case, typed: _Typed, options: Options) -> Offer:
    """The plan; on a terminal only what was wrong is asked again, and the rest is kept."""
    debt, mandate = debt_of(case), mandate_for(ctx, case)
    while True:
        plan = typed.whole()
        try:
            return quote_case(ctx, case, plan.terms(debt, mandate))
        except InputError as error:
            wrong = _wrong_fields(error)
            if wrong - _ASKED or not may_ask(options):
                raise
            note(render(error.message))
            typed = _Typed(
                kind=None if "kind" in wrong else plan.kind,
                months=None if "months" in wrong else plan.months,
                first_due=None if "first_due" in wrong else plan.first_due,
                yearly_rate=_asked_rate() if "yearly_rate" in wrong else typed.yearly_rate,
                more=typed.more,
            )


# What is asked for on a terminal; an option is typed again.
_ASKED = frozenset({"kind", "months", "first_due", "yearly_rate"})


def _wrong_fields(error: InputError) -> set[str]:
    problems = error.details["problems"]
    return {problem["field"] for problem in problems} if isinstance(problems, list) else set()


def _asked_rate() -> Decimal:
    rate: Decimal = click.prompt(_("Yearly rate, 0.06 or 6%"), value_proc=read_rate, err=True)
    return rate


def _drawing(signature: Path | None) -> bytes:
    path = signature or click.prompt(_("File of the drawn signature"), type=_FILE, err=True)
    content: bytes = path.read_bytes()
    media_type_of(content)
    return content


def _confirm() -> None:
    question = _("Has the borrower read this, or heard it read out, and agreed?")
    if not click.confirm(question, err=True):
        raise click.Abort


def _write_copy(signed: Signed, output: Path | None) -> str | None:
    """The borrower's copy; a copy that cannot be written never undoes what was signed."""
    if output is None:
        return None
    try:
        output.write_bytes(signed.document)
    except OSError as error:
        note(
            _(
                "The agreement is recorded, but its copy could not be written: {reason}",
                reason=error.strerror or str(error),
            )
        )
        return None
    return str(output)


def _report(signed: Signed, copy: str | None, *, as_json: bool) -> None:
    agreement = signed.agreement
    if as_json:
        say_json(
            {
                "agreement_id": agreement.agreement_id,
                "case_id": agreement.case_id,
                "op_id": signed.op_id,
                "standing": agreement.standing.value,
                "document_sha256": agreement.document_sha256,
                "signature_sha256": agreement.signature.sha256,
                "language": agreement.language,
                "output": copy,
            }
        )
        return
    if agreement.standing is Standing.PROPOSED:
        said = _(
            "Agreement {id} is proposed; the office decides, and collection has stopped meanwhile.",
            id=agreement.agreement_id,
        )
    else:
        said = _(
            "Agreement {id} is signed; collection of this case has stopped.",
            id=agreement.agreement_id,
        )
    say(said)
    if copy:
        say(_("The borrower's copy is in {path}.", path=copy))
    note(
        _(
            "Next: `fieldsync visit finish {case_id} --outcome PLAN_SIGNED`.",
            case_id=agreement.case_id,
        )
    )
