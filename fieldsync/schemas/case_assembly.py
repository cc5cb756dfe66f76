"""Puts the good cells of a row together: money in its currency, places on the map, local times.

Each part looks only at cells that were good by themselves, so that one slip is told once; faults
found here are added to the row's list, and a row with faults is not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Borrower, Case, Consent, ContactAttempt, Loan
from fieldsync.domain.money import Money, total
from fieldsync.domain.place import Address, AddressKind, Datum
from fieldsync.schemas.coordinates import point_in
from fieldsync.schemas.fault import CellError, Fault
from fieldsync.words import words

Faults = list[tuple[str, Fault]]
Values = Mapping[str, Any]

_HOME_ZONE = ZoneInfo("Asia/Shanghai")
_SPAN_OF_APPOINTMENT = timedelta(minutes=30)
_NO_MINOR_UNIT = Fault(
    "422.102",
    words("The amount has more decimal places than its currency."),
    words("Round it as the bank's ledger has it."),
)
_DOES_NOT_ADD_UP = Fault(
    "422.659",
    words("The total is not the sum of principal, interest, default interest, fees and costs."),
    words("Correct the debt statement in the bank's ledger; a plan may be built on it."),
)
_NO_SUCH_APPOINTMENT = Fault(
    "422.117",
    words("The appointment ends before it begins, or lacks its beginning."),
    words("Give appointment_at and a later appointment_until on the same day."),
)
_NO_SUCH_PLACE = Fault(
    "422.117",
    words("The appointment is at an address that the row does not have."),
    words("Fill in that address, or name the other one."),
)


@dataclass(frozen=True, slots=True)
class BookPayment:
    """A payment whose amount waits for the currency of its case."""

    payment_id: str
    on: date
    amount: str


def assemble_case(values: Values, faults: Faults) -> Case | None:
    """The case of a row; None where cells it cannot do without are bad."""
    loan = _loan(values, faults)
    addresses = _addresses(values, faults)
    appointment = _appointment(values, faults)
    if faults or loan is None:
        return None
    return Case(
        case_id=values["case_id"],
        branch=values["branch"],
        borrower=Borrower(
            name=values["borrower_name"],
            id_number=values.get("id_number", ""),
            phones=values.get("phones", ()),
            language=values.get("language", "zh-CN"),
        ),
        loan=loan,
        addresses=addresses,
        flags=values.get("flags", frozenset()),
        appointment=appointment,
        consents=_consents(values),
        skills=values.get("skills", ()),
    )


def assemble_contact(values: Values, faults: Faults) -> ContactAttempt | None:
    """The contact attempt of a row."""
    if faults:
        return None
    return ContactAttempt(
        at=_in_zone(values["at"], values),
        channel=values["channel"],
        reached=values["reached"],
        number=values.get("number", ""),
        by=values.get("by", "bank"),
        promise_until=values.get("promise_until"),
    )


def assemble_payment(values: Values, faults: Faults) -> BookPayment | None:
    """The payment of a row."""
    if faults:
        return None
    return BookPayment(values["payment_id"], values["on"], values["amount"])


def money(amount: str, currency: str) -> Money:
    """The amount in its currency; CellError where it is finer than the minor unit."""
    try:
        return Money.parse(amount, currency)
    except ValueError as error:
        raise CellError(_NO_MINOR_UNIT) from error


_ALWAYS = ("principal", "interest", "fees")
_SOMETIMES = ("default_interest", "costs", "total")


def _loan(values: Values, faults: Faults) -> Loan | None:
    currency = values.get("currency")
    if currency is None:
        return None
    owed = {}
    for column in (*_ALWAYS, *(name for name in _SOMETIMES if name in values)):
        try:
            owed[column] = money(values.get(column, "0"), currency)
        except CellError as error:
            faults.append((column, error.fault))
    stated = owed.pop("total", None)
    if stated is not None and not faults and stated != total(list(owed.values()), currency):
        faults.append(("total", _DOES_NOT_ADD_UP))
    if faults:
        return None
    return Loan(
        account_ref=values["account_ref"],
        product=values["product"],
        days_past_due=values["days_past_due"],
        as_of=values["as_of"],
        **owed,
    )


def _addresses(values: Values, faults: Faults) -> tuple[Address, ...]:
    datum = values.get("datum", Datum.WGS84)
    zone = values.get("zone", _HOME_ZONE).key
    found = []
    for kind in (AddressKind.HOME, AddressKind.WORK):
        point = point_in(values, kind, faults)
        text = values.get(f"{kind}_address", "")
        if text or point:
            found.append(Address(kind.value, kind, text, point, zone=zone, given_in=datum))
    return tuple(found)


def _appointment(values: Values, faults: Faults) -> Appointment | None:
    bad = {column for column, _fault in faults}
    if bad.intersection(("appointment_at", "appointment_until", "appointment_address", "zone")):
        return None
    at, until = values.get("appointment_at"), values.get("appointment_until")
    if at is None and until is None:
        return None
    place = values.get("appointment_address", "home")
    if at is None:
        faults.append(("appointment_at", _NO_SUCH_APPOINTMENT))
        return None
    start = _in_zone(at, values)
    end = _in_zone(until, values) if until else start + _SPAN_OF_APPOINTMENT
    if not start < end <= start + timedelta(days=1):
        faults.append(("appointment_until", _NO_SUCH_APPOINTMENT))
    if not values.get(f"{place}_address") and f"{place}_address" not in bad:
        faults.append(("appointment_address", _NO_SUCH_PLACE))
    return Appointment(place, Window(start, end))


def _consents(values: Values) -> tuple[Consent, ...]:
    zone = values.get("zone", _HOME_ZONE)
    return tuple(
        Consent(
            kind,
            datetime.combine(first, time(), tzinfo=zone),
            # The last day belongs to the consent.
            datetime.combine(last + timedelta(days=1), time(), tzinfo=zone) if last else None,
        )
        for kind, first, last in values.get("consents", ())
    )


def _in_zone(instant: datetime, values: Values) -> datetime:
    """Local time of the row's zone, unless the cell said its offset itself."""
    return instant if instant.tzinfo else instant.replace(tzinfo=values.get("zone", _HOME_ZONE))
