"""The words a pack's `when` may use, each with the condition it stands for (docs: conduct.md)."""

from collections.abc import Callable, Mapping

from fieldsync.conduct.conditions import age, clocks, standing
from fieldsync.conduct.conditions.condition import Condition
from fieldsync.conduct.conditions.history import ATTEMPTS, CHANNELS, DAYS, HistoryCount, Subject
from fieldsync.conduct.conditions.holiday import PublicHoliday
from fieldsync.conduct.conditions.joining import AllOf, Always, AnyOf, Unless
from fieldsync.conduct.facts import Manner, Situation
from fieldsync.conduct.pack_table import PackTable
from fieldsync.domain.case import AgreementState, Channel, Flag, HoldKind, Reached
from fieldsync.domain.place import AddressKind
from fieldsync.words import words

_COUNTRY_LETTERS = 2
Reader = Callable[[PackTable, str], Condition]


def read_when(table: PackTable) -> Condition:
    """The condition of a `when` table: every field is one condition, and all must hold."""
    parts = tuple(_part(table, name) for name in table.names())
    table.finish()
    if not parts:
        table.refuse(
            "422.52", "when", words("Say when the rule applies; `always = true` if it does.")
        )
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _part(table: PackTable, name: str) -> Condition:
    reader = CONDITIONS.get(name)
    if reader is None:
        known = ", ".join(sorted(CONDITIONS))
        table.refuse("422.53", name, words("The conditions are: {known}.", known=known))
    return reader(table, name)


def _only_true(condition: Condition) -> Reader:
    def read(table: PackTable, name: str) -> Condition:
        if not table.yes(name):
            table.refuse("422.52", name, words("Say true here, or put it under `unless`."))
        return condition

    return read


def _time_outside(table: PackTable, name: str) -> Condition:
    inner = table.table(name)
    condition = clocks.LocalTimeOutside(
        inner.clock("opens"), inner.clock("closes"), inner.yes("closes_included", default=False)
    )
    inner.finish()
    if condition.opens >= condition.closes:
        table.refuse("422.52", name, words("The hours must open before they close."))
    return condition


def _appointment(table: PackTable, name: str) -> Condition:
    when = table.text(name)
    if when not in clocks.APPOINTMENTS:
        table.refuse("422.52", name, words("Say today, later or elsewhere."))
    return clocks.AppointmentIs(when)


def _public_holiday(table: PackTable, name: str) -> Condition:
    country = table.text(name)
    if len(country) != _COUNTRY_LETTERS or not country.isalpha() or not country.isupper():
        table.refuse("422.52", name, words("Name a country by its two letters, such as AU."))
    return PublicHoliday(country)


def _history(table: PackTable, name: str) -> Condition:
    inner = table.table(name)
    condition = HistoryCount(
        count=inner.text("count", ATTEMPTS),
        channels=inner.many("channels", Channel, Channel),
        reached=inner.many("reached", Reached, Reached),
        by=frozenset(inner.list_of_texts("by")) if "by" in inner else frozenset(),
        subject=inner.many("subject", Subject),
        calendar_days=inner.number("calendar_days", 0),
        rolling_days=inner.number("rolling_days", 0),
        ending_days_ago=inner.number("ending_days_ago", 0),
        at_least=inner.number("at_least") if "at_least" in inner else None,
        fewer_than=inner.number("fewer_than") if "fewer_than" in inner else None,
        allowance=inner.text("allowance") if "allowance" in inner else "",
    )
    inner.finish()
    if condition.count not in {ATTEMPTS, DAYS, CHANNELS}:
        table.refuse("422.52", f"{name}.count", words("Count attempts, days or channels."))
    if (condition.at_least is None) == (condition.fewer_than is None):
        table.refuse("422.52", name, words("Say either at_least or fewer_than."))
    if bool(condition.calendar_days) == bool(condition.rolling_days):
        table.refuse("422.52", name, words("Say either calendar_days or rolling_days."))
    if (condition.ending_days_ago and condition.rolling_days) or (
        condition.allowance and condition.fewer_than
    ):
        table.refuse("422.52", name, words("These limits do not go together."))
    return condition


CONDITIONS: Mapping[str, Reader] = {
    "always": _only_true(Always()),
    "all": lambda table, name: AllOf(tuple(read_when(part) for part in table.tables(name))),
    "any": lambda table, name: AnyOf(tuple(read_when(part) for part in table.tables(name))),
    "unless": lambda table, name: Unless(read_when(table.table(name))),
    "local_time_outside": _time_outside,
    "consent": lambda table, name: clocks.ConsentOpen(table.text(name)),
    "in_agreed_window": _only_true(clocks.InAgreedWindow()),
    "appointment": _appointment,
    "notice_shorter_than_hours": lambda table, name: clocks.NoticeShorterThan(table.number(name)),
    "public_holiday": _public_holiday,
    "record_younger_than_years": lambda table, name: age.RecordYoungerThan(table.number(name)),
    "last_activity_within_years": lambda table, name: age.RecordYoungerThan(
        table.number(name), since_last_activity=True
    ),
    "clock_implausible": _only_true(clocks.ClockImplausible()),
    "history": _history,
    "flags": lambda table, name: standing.AnyFlag(table.many(name, Flag)),
    "agreement": lambda table, name: standing.AgreementIs(table.many(name, AgreementState)),
    "holds": lambda table, name: standing.HoldOpen(table.many(name, HoldKind)),
    "officers_fewer_than": lambda table, name: standing.OfficersFewerThan(table.number(name)),
    "identity_not_shown": _only_true(standing.IdentityNotShown()),
    "place": lambda table, name: standing.PlaceIs(table.many(name, AddressKind)),
    "country_outside": lambda table, name: standing.CountryOutside(
        frozenset(table.list_of_texts(name))
    ),
    "address_invalid": _only_true(standing.AddressInvalid()),
    "number_invalid": _only_true(standing.NumberInvalid()),
    "debt_told_in_words": _only_true(standing.DebtToldInWords()),
    "manners": lambda table, name: standing.AnyManner(table.many(name, Manner)),
    "situations": lambda table, name: standing.AnySituation(table.many(name, Situation)),
    "days_past_due_below": lambda table, name: standing.DaysPastDueBelow(table.number(name)),
    "promise_open": _only_true(standing.PromiseOpen()),
}
