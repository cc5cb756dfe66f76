"""Marshmallow schemas of one row each: cases, contact attempts, payments."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from fieldsync.domain.case import Channel, Flag, Reached
from fieldsync.domain.place import Datum
from fieldsync.schemas import cells, identity
from fieldsync.schemas.book_tables import TableKind
from fieldsync.schemas.fault import MISSING, CellError, Fault


class Cell(fields.Field[Any]):
    """A cell read by a function of its text; the fault of a CellError becomes the field's error."""

    def __init__(self, read: Callable[[str], object], *, required: bool = False) -> None:
        super().__init__(required=required)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> object:
        _ = (attr, data, kwargs)
        try:
            return self._read(value)
        except CellError as error:
            raise ValidationError([error.fault]) from error


class Row(Schema):
    """A row of any table; columns that are not ours were left out before."""

    class Meta:
        """Foreign columns are no error."""

        unknown = EXCLUDE

    zone = Cell(cells.zone)


class CaseRow(Row):
    """One case."""

    case_id = Cell(cells.identifier, required=True)
    branch = Cell(cells.identifier, required=True)
    borrower_name = Cell(cells.text, required=True)
    id_number = Cell(identity.identity_number)
    phones = Cell(identity.telephones)
    language = Cell(cells.language)
    account_ref = Cell(cells.identifier, required=True)
    product = Cell(cells.text, required=True)
    currency = Cell(identity.currency, required=True)
    principal = Cell(cells.amount, required=True)
    interest = Cell(cells.amount)
    default_interest = Cell(cells.amount)
    fees = Cell(cells.amount)
    costs = Cell(cells.amount)
    total = Cell(cells.amount)
    days_past_due = Cell(cells.whole_number, required=True)
    as_of = Cell(cells.day, required=True)
    home_address = Cell(cells.text, required=True)
    home_lat = Cell(cells.degrees)
    home_lon = Cell(cells.degrees)
    work_address = Cell(cells.text)
    work_lat = Cell(cells.degrees)
    work_lon = Cell(cells.degrees)
    datum = Cell(cells.one_of(Datum))
    flags = Cell(cells.several_of(Flag))
    consents = Cell(cells.consents)
    appointment_at = Cell(cells.local_time)
    appointment_until = Cell(cells.local_time)
    appointment_address = Cell(cells.choice("home", "work"))
    skills = Cell(cells.skills)


class ContactRow(Row):
    """One contact attempt."""

    case_id = Cell(cells.identifier, required=True)
    at = Cell(cells.local_time, required=True)
    channel = Cell(cells.one_of(Channel), required=True)
    reached = Cell(cells.one_of(Reached), required=True)
    number = Cell(identity.telephone)
    by = Cell(cells.text)
    promise_until = Cell(cells.day)


class PaymentRow(Row):
    """One payment; its currency is the case's."""

    case_id = Cell(cells.identifier, required=True)
    payment_id = Cell(cells.identifier, required=True)
    on = Cell(cells.day, required=True)
    amount = Cell(cells.amount, required=True)


_SCHEMAS: Mapping[TableKind, Schema] = {
    TableKind.CASES: CaseRow(),
    TableKind.CONTACTS: ContactRow(),
    TableKind.PAYMENTS: PaymentRow(),
}


def read_row(
    schema: Schema, row_cells: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, Fault]]]:
    """The good cells as values, and the faults of the bad ones by column."""
    try:
        return schema.load(row_cells), []
    except ValidationError as error:
        faults = [
            # Marshmallow itself only ever says that a required cell is missing.
            (column, fault if isinstance(fault, Fault) else MISSING)
            for column, found in error.messages_dict.items()
            for fault in found
        ]
        return dict(error.valid_data or {}), faults


def schema_of(kind: TableKind) -> Schema:
    """The row schema of a table."""
    return _SCHEMAS[kind]
