"""Made-up sound terms of every kind of plan, and a strategy that draws them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from fieldsync.agreements.amortise import WITHOUT_INTEREST
from fieldsync.domain.agreement import (
    Component,
    Grace,
    HolidayShift,
    PlanKind,
    Rounding,
    Terms,
    WaivedPart,
)
from fieldsync.domain.money import Money

OWED = 4_633_456
FIRST_DUE = date(2026, 12, 25)


def plan(kind: PlanKind, months: int = 12, first_due: date = FIRST_DUE, **more: Any) -> Terms:
    """Sound terms of that kind for the debt of `paper.debt()`."""
    own: dict[PlanKind, dict[str, Any]] = {
        PlanKind.FLAT_FEE: {"fee_rate": Decimal("0.005")},
        PlanKind.STEP_UP: {"step": Decimal("0.05"), "step_months": 6},
        PlanKind.DEFERMENT: {"grace": Grace.PRINCIPAL, "grace_months": 3},
        PlanKind.TERM_EXTENSION: {"before_months": 6},
        PlanKind.RATE_REDUCTION: {"before_rate": Decimal("0.12")},
        PlanKind.BALLOON: {"balloon": Money(1_000_000)},
        PlanKind.SETTLEMENT: {"waived": (WaivedPart(Component.FEES, Money(10_000)),)},
        PlanKind.SETTLEMENT_INSTALMENTS: {"waived": (WaivedPart(Component.FEES, Money(10_000)),)},
    }
    rate = Decimal(0) if kind in WITHOUT_INTEREST else Decimal("0.06")
    said = {"yearly_rate": rate} | own.get(kind, {}) | more
    return Terms(kind, 1 if kind is PlanKind.SETTLEMENT else months, first_due, **said)


@st.composite
def any_plans(draw: st.DrawFn, owed: int = OWED) -> Terms:
    """Terms of any kind that a schedule can be made from; `owed` is the debt in minor units."""
    kind = draw(st.sampled_from(PlanKind))
    months = 1 if kind is PlanKind.SETTLEMENT else draw(st.integers(2, 60))
    first_due = draw(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
    more: dict[str, Any] = {
        "rounding": draw(st.sampled_from(Rounding)),
        "holiday_shift": draw(st.sampled_from(HolidayShift)),
    }
    if kind not in WITHOUT_INTEREST:
        more["yearly_rate"] = draw(st.decimals(0, Decimal("0.36"), places=4))
    if kind is PlanKind.FLAT_FEE:
        more["fee_rate"] = draw(st.decimals(Decimal("0.001"), Decimal("0.02"), places=4))
    if kind is PlanKind.STEP_UP:
        more["step"] = draw(st.decimals(Decimal("0.01"), Decimal("0.5"), places=2))
        more["step_months"] = draw(st.integers(1, months))
    if kind is PlanKind.DEFERMENT:
        more["grace"] = draw(st.sampled_from(Grace))
        more["grace_months"] = draw(st.integers(1, months - 1))
    if kind is PlanKind.BALLOON:
        more["balloon"] = Money(draw(st.integers(1, owed - 1)))
    if draw(st.booleans()):
        more["down_payment"] = Money(draw(st.integers(1, max(owed // 2, 1))))
        more["down_payment_due"] = first_due - timedelta(days=draw(st.integers(1, 30)))
    return plan(kind, months, first_due, **more)
