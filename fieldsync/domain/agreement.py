"""Instalment agreements as values: kinds, terms, instalments and the signed whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from fieldsync.domain.case import AgreementState, Hold, HoldKind
from fieldsync.domain.money import Money, total
from fieldsync.domain.officer import Officer


class PlanKind(StrEnum):
    """How the debt is spread; the Chinese names are the industry's."""

    ANNUITY = "annuity"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_FREE = "interest_free"  # 免息分期
    INTEREST_FIRST = "interest_first"  # 先息后本
    FLAT_FEE = "flat_fee"  # 手续费分期
    STEP_UP = "step_up"  # 递增还款
    DEFERMENT = "deferment"  # 宽限期
    TERM_EXTENSION = "term_extension"  # 展期
    RATE_REDUCTION = "rate_reduction"  # 利率优惠
    RE_AGE = "re_age"  # 账龄重置
    CAPITALISED_ARREARS = "capitalised_arrears"  # 欠息转本
    BALLOON = "balloon"  # 尾款
    SETTLEMENT = "settlement"  # 一次性减免结清
    SETTLEMENT_INSTALMENTS = "settlement_instalments"  # 减免分期


class Rounding(StrEnum):
    """Rounding of each instalment, declared on the plan; the last instalment balances."""

    HALF_EVEN = "HALF_EVEN"
    HALF_UP = "HALF_UP"


class HolidayShift(StrEnum):
    """Where a due day goes that is no working day: nowhere, on, on within its month, or back."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


class Grace(StrEnum):
    """What is not asked for in the first months of a deferment; interest not asked for is not added."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    BOTH = "both"


class Component(StrEnum):
    """The parts of a debt, in the order in which statements name them."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    DEFAULT_INTEREST = "default_interest"
    FEES = "fees"
    COSTS = "costs"


class Standing(StrEnum):
    """Whether the officers' mandate covered the agreement: signed, or proposed and to be approved."""

    SIGNED = "signed"
    PROPOSED = "proposed"


class PlanState(StrEnum):
    """What the office keeps of an accepted agreement; all but the first are its end."""

    PERFORMING = "performing"
    SETTLED = "settled"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class DebtStatement:
    """The debt at a cut-off, part by part (Credit-card business measures 2011, art. 70)."""

    as_of: date
    principal: Money
    interest: Money
    fees: Money
    case_version: int
    default_interest: Money | None = None
    costs: Money | None = None

    @property
    def currency(self) -> str:
        """The one currency of every part."""
        return self.principal.currency

    def parts(self) -> dict[Component, Money]:
        """Every part, nothing where the bank states none."""
        nothing = Money(0, self.currency)
        return {
            Component.PRINCIPAL: self.principal,
            Component.INTEREST: self.interest,
            Component.DEFAULT_INTEREST: self.default_interest or nothing,
            Component.FEES: self.fees,
            Component.COSTS: self.costs or nothing,
        }

    @property
    def owed(self) -> Money:
        """The whole debt."""
        return total(list(self.parts().values()), self.currency)


@dataclass(frozen=True, slots=True)
class WaivedPart:
    """How much of one part of the debt the bank gives up."""

    component: Component
    amount: Money


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered. Rates are unrounded fractions: a year (0.0969), the fee's a month.

    `months` counts every month of the plan, those of grace included. `step` is the rise every
    `step_months`; `before_months` and `before_rate` are what an extension or a lower rate replaces.
    `down_payment` is due on `down_payment_due`, before the first instalment; `balloon` is the
    principal that the last instalment holds beside its own share.
    """

    kind: PlanKind
    months: int
    first_due: date
    yearly_rate: Decimal = Decimal(0)
    rounding: Rounding = Rounding.HALF_EVEN
    down_payment: Money | None = None
    down_payment_due: date | None = None
    waived: tuple[WaivedPart, ...] = ()
    fee_rate: Decimal = Decimal(0)
    step: Decimal = Decimal(0)
    step_months: int = 12
    grace: Grace | None = None
    grace_months: int = 0
    balloon: Money | None = None
    before_months: int = 0
    before_rate: Decimal | None = None
    holiday_shift: HolidayShift = HolidayShift.NONE

    def waived_of(self, component: Component, currency: str) -> Money:
        """What is given up of that part."""
        given = [part.amount for part in self.waived if part.component is component]
        return total(given, currency)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of the schedule; `balance` is the financed debt left after it is paid.

    Number 0 is the down payment.
    """

    number: int
    due: date
    principal: Money
    interest: Money
    balance: Money
    fee: Money | None = None

    @property
    def amount(self) -> Money:
        """What is to be paid on the due day."""
        paid = self.principal + self.interest
        return paid if self.fee is None else paid + self.fee


@dataclass(frozen=True, slots=True)
class Quote:
    """A schedule with its cost. The two rates are unrounded fractions a year; the method is named.

    `calendar_until` is the last day whose make-up workdays and moved holidays were known when due
    days were shifted; None where nothing is shifted.
    """

    debt: DebtStatement
    terms: Terms
    instalments: tuple[Instalment, ...]
    financed: Money
    total_payable: Money
    nominal_rate: Decimal
    effective_rate: Decimal
    rate_method: str
    calendar_until: date | None = None

    @property
    def interest(self) -> Money:
        """All interest of the plan."""
        return total([row.interest for row in self.instalments], self.financed.currency)

    @property
    def fees(self) -> Money:
        """All fees that the plan itself adds."""
        charged: Sequence[Money] = [row.fee for row in self.instalments if row.fee is not None]
        return total(charged, self.financed.currency)

    @property
    def waived(self) -> Money:
        """What the bank gives up."""
        given = [part.amount for part in self.terms.waived]
        return total(given, self.financed.currency)


# The oldest instalment first; within it what it costs before what it pays back.
ALLOCATION = (
    Component.COSTS,
    Component.FEES,
    Component.DEFAULT_INTEREST,
    Component.INTEREST,
    Component.PRINCIPAL,
)


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How the plan is kept and ended, as its document states it.

    It may be ended once `missed_in_a_row` instalments are unpaid `grace_days` after their due day;
    `waiver_returns` says whether that brings back what was waived. Within `cooling_off_days` of
    signing the borrower may withdraw.
    """

    missed_in_a_row: int = 2
    grace_days: int = 10
    cooling_off_days: int = 7
    allocation: tuple[Component, ...] = ALLOCATION
    waiver_returns: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """The drawn signature: the file's SHA-256 (hex), its media type and when it was drawn."""

    sha256: str
    media_type: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """A signed instalment agreement; `document_sha256` is the PDF the borrower read and signed.

    `mandate` names the authority it was made under; `replaces` the agreement that it renegotiates.
    `verification_code` is what the borrower's copy carries, `strokes_sha256` the pen's course where
    it was taken, `certificate` the serial number (hex) of the device's certificate in the seal.
    `reminders` is whether the borrower asked to be reminded of due days.
    """

    agreement_id: str
    case_id: str
    visit_id: str | None
    quote: Quote
    witnesses: tuple[Officer, ...]
    signature: Signature
    document_sha256: str
    language: str
    version: int = 1
    replaces: str | None = None
    standing: Standing = Standing.SIGNED
    mandate: str = ""
    rules: PlanRules = field(default_factory=PlanRules)
    verification_code: str = ""
    strokes_sha256: str = ""
    certificate: str = ""
    reminders: bool = False

    @property
    def state(self) -> AgreementState:
        """What it is from its signature on, until the office says otherwise."""
        if self.standing is Standing.PROPOSED:
            return AgreementState.PROPOSED
        return AgreementState.PERFORMING

    def hold(self, hold_id: str) -> Hold:
        """The stop on collection that it brings from its signature on (CN-PLAN-STOP)."""
        return Hold(
            hold_id=hold_id,
            kind=HoldKind.AGREEMENT,
            since=self.signature.signed_at,
            source=self.agreement_id,
        )
