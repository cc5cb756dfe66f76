"""Instalment agreements as values: kinds, terms, instalments and the signed whole."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.money import Money
from fieldsync.domain.officer import Officer


class PlanKind(StrEnum):
    """How the debt is spread; the Chinese names are the industry's."""

    ANNUITY = "annuity"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_FREE = "interest_free"  # 免息分期


class Rounding(StrEnum):
    """Rounding of each instalment, declared on the plan; the last instalment balances."""

    HALF_EVEN = "HALF_EVEN"
    HALF_UP = "HALF_UP"


@dataclass(frozen=True, slots=True)
class DebtStatement:
    """The debt at a cut-off, part by part (Credit-card business measures 2011, art. 70)."""

    as_of: date
    principal: Money
    interest: Money
    fees: Money
    case_version: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered. `yearly_rate` is an unrounded fraction (0.0969), zero when interest-free."""

    kind: PlanKind
    months: int
    first_due: date
    yearly_rate: Decimal = Decimal(0)
    rounding: Rounding = Rounding.HALF_EVEN


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of the schedule; `balance` is the financed debt left after it is paid."""

    number: int
    due: date
    principal: Money
    interest: Money
    balance: Money

    @property
    def amount(self) -> Money:
        """What is to be paid on the due day."""
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Quote:
    """A schedule with its cost. The two rates are unrounded fractions a year; the method is named."""

    debt: DebtStatement
    terms: Terms
    instalments: tuple[Instalment, ...]
    financed: Money
    total_payable: Money
    nominal_rate: Decimal
    effective_rate: Decimal
    rate_method: str


@dataclass(frozen=True, slots=True)
class Signature:
    """The drawn signature: the file's SHA-256 (hex), its media type and when it was drawn."""

    sha256: str
    media_type: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """A signed instalment agreement; `document_sha256` is the PDF the borrower read and signed."""

    agreement_id: str
    case_id: str
    visit_id: str | None
    quote: Quote
    witnesses: tuple[Officer, ...]
    signature: Signature
    document_sha256: str
    language: str

    def hold(self, hold_id: str) -> Hold:
        """The stop on collection that it brings from its signature on (CN-PLAN-STOP)."""
        return Hold(
            hold_id=hold_id,
            kind=HoldKind.AGREEMENT,
            since=self.signature.signed_at,
            source=self.agreement_id,
        )
