"""The terms of an instalment plan as they are typed: its options, and how their values are read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import click

from agent_cli.plan_shown import KINDS, count_option, day_option, rate_option, read_day, read_rate
from fieldsync.agreements.mandate import Mandate
from fieldsync.agreements.terms import terms_of
from fieldsync.domain.agreement import (
    Component,
    DebtStatement,
    Grace,
    HolidayShift,
    PlanKind,
    Rounding,
    Terms,
    WaivedPart,
)
from fieldsync.domain.money import Money
from fieldsync.locale import _

F = TypeVar("F", bound=Callable[..., Any])
_FOREVER = 12


@dataclass(frozen=True, slots=True)
class MoreTerms:
    """What some plans have beside kind, months, first day and rate, as far as it was typed."""

    down_payment: tuple[str, date] | None = None
    waive: tuple[tuple[Component, str], ...] = ()
    fee_rate: Decimal = Decimal(0)
    step: tuple[Decimal, int] | None = None
    grace: tuple[Grace, int] | None = None
    balloon: str | None = None
    before_months: int = 0
    before_rate: Decimal | None = None
    holidays: HolidayShift = HolidayShift.NONE
    rounding: Rounding = Rounding.HALF_EVEN

    def on(self, terms: Terms, debt: DebtStatement) -> Terms:
        """The terms with all of it, amounts in the debt's currency; click.BadParameter where one is none."""
        step, every = self.step or (Decimal(0), _FOREVER)
        grace, months = self.grace or (None, 0)
        paid, due = self.down_payment or (None, None)
        return replace(
            terms,
            rounding=self.rounding,
            down_payment=_money(paid, debt.currency, "--down-payment"),
            down_payment_due=due,
            waived=tuple(_waived(part, text, debt) for part, text in self.waive),
            fee_rate=self.fee_rate,
            step=step,
            step_months=every,
            grace=grace,
            grace_months=months,
            balloon=_money(self.balloon, debt.currency, "--balloon"),
            before_months=self.before_months,
            before_rate=self.before_rate,
            holiday_shift=self.holidays,
        )


@dataclass(frozen=True, slots=True)
class TypedPlan:
    """The terms as far as they were typed; fields are named as `TermsProblem.field` names them."""

    kind: str
    months: int
    first_due: date
    yearly_rate: Decimal | None = None
    more: MoreTerms = field(default_factory=MoreTerms)

    def terms(self, debt: DebtStatement, mandate: Mandate) -> Terms:
        """The terms for this debt, a rate that was left out taken from the mandate."""
        kind = PlanKind(self.kind)
        plain = terms_of(kind, self.months, self.first_due, self.yearly_rate, mandate)
        return self.more.on(plain, debt)


def more_terms(command: F) -> F:
    """Give a command the options of `MoreTerms`; its function takes them as keywords for `read_more`."""
    for option in reversed(_more_options()):
        command = option(command)
    return command


def read_more(said: dict[str, Any]) -> MoreTerms:
    """The options as one value."""
    given = {name: value for name, value in said.items() if value is not None}
    return MoreTerms(**given)


def plain_terms(command: F) -> F:
    """Give a command the four options that every plan has."""
    options = (
        click.option("--kind", type=KINDS, help=_("How the debt is spread.")),
        click.option(
            "--months", metavar="N", callback=count_option, help=_("Number of instalments.")
        ),
        click.option(
            "--first-due", metavar="DAY", callback=day_option, help=_("First due day (YYYY-MM-DD).")
        ),
        click.option(
            "--rate", metavar="RATE", callback=rate_option, help=_("Yearly rate, 0.06 or 6%.")
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _more_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--down-payment",
            metavar="AMOUNT@DAY",
            callback=_each(_read_down_payment),
            help=_("Paid at once, before the instalments, by this day."),
        ),
        click.option(
            "--waive",
            metavar="PART=AMOUNT",
            multiple=True,
            callback=_each_of(_read_waiver),
            help=_("What the bank gives up of a part of the debt: default_interest=100%, fees=50."),
        ),
        click.option(
            "--fee-rate",
            metavar="RATE",
            callback=_each(read_rate),
            help=_("Flat fee a month, as a share of the debt: 0.006 or 0.6%."),
        ),
        click.option(
            "--step",
            metavar="RATE/MONTHS",
            callback=_each(_read_step),
            help=_("How much instalments rise, and after how many months: 5%/12."),
        ),
        click.option(
            "--grace",
            metavar="WHAT:MONTHS",
            callback=_each(_read_grace),
            help=_("What is not asked for at first: principal, interest or both, as in both:3."),
        ),
        click.option(
            "--balloon", metavar="AMOUNT", help=_("What the last instalment holds beside.")
        ),
        click.option(
            "--before-months",
            type=click.IntRange(min=1),
            help=_("Months that the contract had left, for a longer term."),
        ),
        click.option(
            "--before-rate",
            metavar="RATE",
            callback=_each(read_rate),
            help=_("The contract's rate, for a lower one."),
        ),
        click.option(
            "--holidays",
            type=click.Choice([shift.value for shift in HolidayShift]),
            callback=_each(HolidayShift),
            help=_("Where a due day goes that is no working day."),
        ),
        click.option(
            "--rounding",
            type=click.Choice([rounding.value for rounding in Rounding], case_sensitive=False),
            callback=_each(Rounding),
            help=_("How instalments are rounded."),
        ),
    )


def _each(
    read: Callable[[str], Any],
) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    return lambda _ctx, _param, value: None if value is None else read(value)


def _each_of(
    read: Callable[[str], Any],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], Any]:
    return lambda _ctx, _param, values: tuple(read(value) for value in values)


def _read_down_payment(text: str) -> tuple[str, date]:
    amount, at, day = text.partition("@")
    if not at:
        raise click.BadParameter(_("Write amount and day, such as 5000@2026-11-30."))
    return amount, read_day(day)


def _read_waiver(text: str) -> tuple[Component, str]:
    part, equals, amount = text.partition("=")
    if not equals or part not in list(Component):
        raise click.BadParameter(
            _("Write a part of the debt and an amount, one of: {parts}.", parts=_parts())
        )
    return Component(part), amount


def _parts() -> str:
    return ", ".join(f"{part.value}=…" for part in Component)


def _read_step(text: str) -> tuple[Decimal, int]:
    rate, _slash, months = text.partition("/")
    if not months.isdecimal():
        raise click.BadParameter(_("Write how much and after how many months, such as 5%/12."))
    return read_rate(rate), int(months)


def _read_grace(text: str) -> tuple[Grace, int]:
    what, _colon, months = text.partition(":")
    if what not in list(Grace) or not months.isdecimal():
        raise click.BadParameter(_("Write what and for how many months, such as principal:3."))
    return Grace(what), int(months)


def _money(text: str | None, currency: str, option: str) -> Money | None:
    if text is None:
        return None
    try:
        return Money.parse(text.replace(",", ""), currency)
    except ValueError as error:
        raise click.BadParameter(
            _("{text} is not an amount in {currency}.", text=repr(text), currency=currency),
            param_hint=option,
        ) from error


def _waived(part: Component, text: str, debt: DebtStatement) -> WaivedPart:
    """An amount, or a share of the part such as 50%."""
    if not text.endswith("%"):
        return WaivedPart(part, _money(text, debt.currency, "--waive") or Money(0, debt.currency))
    owed = debt.parts()[part]
    return WaivedPart(part, Money(int(owed.amount_minor * read_rate(text)), debt.currency))
