"""What the codes of instalment agreements are called: kinds, parts of a debt, grace, holidays, rounding."""

from fieldsync.agreements.affordability import Every, Income, Outgoing
from fieldsync.agreements.ledger import PlanStanding
from fieldsync.agreements.statement import STATES
from fieldsync.domain.agreement import (
    Component,
    Grace,
    HolidayShift,
    PlanKind,
    PlanState,
    Standing,
)
from fieldsync.words import words

PLAN_KINDS = {
    PlanKind.ANNUITY: words("equal instalments"),
    PlanKind.EQUAL_PRINCIPAL: words("equal principal"),
    PlanKind.INTEREST_FREE: words("interest-free instalments"),
    PlanKind.INTEREST_FIRST: words("interest first, principal last"),
    PlanKind.FLAT_FEE: words("flat monthly fee"),
    PlanKind.STEP_UP: words("rising instalments"),
    PlanKind.DEFERMENT: words("deferment with months of grace"),
    PlanKind.TERM_EXTENSION: words("longer term"),
    PlanKind.RATE_REDUCTION: words("lower rate"),
    PlanKind.RE_AGE: words("re-aged account"),
    PlanKind.CAPITALISED_ARREARS: words("arrears added to the principal"),
    PlanKind.BALLOON: words("balloon at the end"),
    PlanKind.SETTLEMENT: words("settlement in one payment"),
    PlanKind.SETTLEMENT_INSTALMENTS: words("settlement by instalments"),
}

COMPONENTS = {
    Component.PRINCIPAL: words("principal"),
    Component.INTEREST: words("interest"),
    Component.DEFAULT_INTEREST: words("default interest"),
    Component.FEES: words("fees"),
    Component.COSTS: words("costs"),
}

GRACES = {
    Grace.PRINCIPAL: words("no principal"),
    Grace.INTEREST: words("no interest"),
    Grace.BOTH: words("no payment"),
}

HOLIDAY_SHIFTS = {
    HolidayShift.NONE: words("not moved"),
    HolidayShift.FOLLOWING: words("the next working day"),
    HolidayShift.MODIFIED_FOLLOWING: words("the next working day of the same month"),
    HolidayShift.PRECEDING: words("the working day before"),
}

PLAN_STATES = {
    PlanState.PERFORMING: words("performing"),
    PlanState.SETTLED: words("settled"),
    PlanState.BROKEN: words("broken"),
    PlanState.WITHDRAWN: words("withdrawn"),
    PlanState.REPLACED: words("replaced by a newer version"),
}

PLAN_STANDINGS = {
    PlanStanding.PERFORMING: words("on track"),
    PlanStanding.AT_RISK: words("something is late"),
    PlanStanding.BREACHED: words("breached"),
    PlanStanding.SETTLED: words("wholly paid"),
}

INSTALMENT_STATES = STATES

INCOMES = {
    Income.WAGES: words("wages"),
    Income.PARTNER: words("partner's wages"),
    Income.PENSION: words("pension"),
    Income.BENEFITS: words("benefits and allowances"),
    Income.FAMILY: words("help from family"),
    Income.OTHER_INCOME: words("other income"),
}

OUTGOINGS = {
    Outgoing.HOUSING: words("rent or mortgage"),
    Outgoing.UTILITIES: words("water, electricity, gas"),
    Outgoing.FOOD: words("food and household"),
    Outgoing.HEALTH: words("doctor and medicine"),
    Outgoing.CARE: words("children and care"),
    Outgoing.SCHOOL: words("school"),
    Outgoing.TRANSPORT: words("transport"),
    Outgoing.TELEPHONE: words("telephone and internet"),
    Outgoing.CLOTHING: words("clothing"),
    Outgoing.INSURANCE: words("insurance"),
    Outgoing.TAXES: words("taxes"),
    Outgoing.PRIORITY_DEBTS: words("debts that come first"),
    Outgoing.OTHER_DEBTS: words("payments on other debts"),
    Outgoing.OTHER: words("anything else"),
}

EVERY = {
    Every.WEEK: words("a week"),
    Every.FOUR_WEEKS: words("every four weeks"),
    Every.MONTH: words("a month"),
    Every.QUARTER: words("a quarter"),
    Every.YEAR: words("a year"),
}

STANDINGS = {
    Standing.SIGNED: words("signed"),
    Standing.PROPOSED: words("proposed"),
}
