"""The three tables of a case book: their columns, how a header is recognised, how a row is read out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fieldsync.schemas.book_mapping import TableMapping

# Columns a rejects file adds; they are ignored when it is imported again.
PROBLEM_COLUMNS = ("problem_row", "problem")


class TableKind(StrEnum):
    """What a table of a case book holds; also the sheet name it goes by."""

    CASES = "cases"
    CONTACTS = "contacts"
    PAYMENTS = "payments"


COLUMNS: Mapping[TableKind, tuple[str, ...]] = {
    TableKind.CASES: (
        "case_id", "branch", "borrower_name", "id_number", "phones", "language", "account_ref",
        "product", "currency", "principal", "interest", "default_interest", "fees", "costs", "total",
        "days_past_due", "as_of", "home_address", "home_lat", "home_lon", "work_address", "work_lat", "work_lon", "datum",
        "zone", "flags", "consents", "appointment_at", "appointment_until", "appointment_address",
        "skills",
    ),
    TableKind.CONTACTS: (
        "case_id", "at", "channel", "reached", "number", "by", "promise_until", "zone",
    ),
    TableKind.PAYMENTS: ("case_id", "payment_id", "on", "amount"),
}  # fmt: skip
REQUIRED: Mapping[TableKind, tuple[str, ...]] = {
    TableKind.CASES: (
        "case_id", "branch", "borrower_name", "account_ref", "product", "currency", "principal",
        "days_past_due", "as_of", "home_address",
    ),
    TableKind.CONTACTS: ("case_id", "at", "channel", "reached"),
    TableKind.PAYMENTS: ("case_id", "payment_id", "on", "amount"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How one table's rows are read: which cell is which column, and what the mapping adds.

    `missing` and `repeated` are what makes the table unusable; `ignored` are headers nobody reads.
    """

    kind: TableKind
    places: tuple[tuple[str, int], ...]
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    width: int
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    ignored: tuple[str, ...]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The row's cells by our column names, empty ones left out, translated by the mapping."""
        found = dict(self.constants)
        length = len(row)
        for column, place in self.places:
            if place < length and (value := row[place].strip()):
                translated = self.values.get(column)
                found[column] = translated.get(value, value) if translated else value
        return found

    def overflows(self, row: Sequence[str]) -> bool:
        """Whether cells beyond the header hold anything."""
        return len(row) > self.width and any(cell.strip() for cell in row[self.width :])


def recognise(
    header: Sequence[str], sheet: str | None, mappings: Mapping[str, TableMapping]
) -> Layout | None:
    """The layout of a table by its sheet's name or its header; None where it is none of ours."""
    layouts = [layout_of(kind, header, mappings.get(kind)) for kind in TableKind]
    for layout in layouts:
        named = mappings.get(layout.kind)
        if sheet and sheet.lower() in {layout.kind.value, (named.sheet if named else "").lower()}:
            return layout
    # A book of our columns names more of its own kind's columns than of another's.
    best = max(layouts, key=lambda layout: (len(layout.places), -len(layout.missing)))
    fits = not best.missing or len(best.places) > len(best.missing)
    return best if fits else None


def layout_of(kind: TableKind, header: Sequence[str], mapping: TableMapping | None) -> Layout:
    """How the columns of this header serve a table of this kind."""
    mapping = mapping or TableMapping()
    theirs = {_plain(name): ours for ours, name in mapping.columns.items()}
    places: dict[str, int] = {}
    repeated, ignored = [], []
    for index, title in enumerate(header):
        column = theirs.get(_plain(title)) or _plain(title)
        if column in mapping.columns and _plain(title) not in theirs:
            ignored.append(title)  # the mapping says another column holds it
        elif column in places:
            repeated.append(column)
        elif column in COLUMNS[kind]:
            places[column] = index
        elif column and column not in PROBLEM_COLUMNS:
            ignored.append(title)
    missing = [c for c in REQUIRED[kind] if c not in places and c not in mapping.constants]
    return Layout(
        kind=kind,
        places=tuple(places.items()),
        values=mapping.values,
        constants=mapping.constants,
        width=len(header),
        missing=tuple(missing),
        repeated=tuple(repeated),
        ignored=tuple(ignored),
    )


def _plain(title: str) -> str:
    return title.strip().lower().replace(" ", "_")
