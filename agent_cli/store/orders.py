"""The orders of a day that were kept on this device, the pair's own and the one in force among them."""

import sqlite3
from dataclasses import dataclass

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.itinerary import Itinerary

# The instant that was told decides between two devices; the record's id between two of one instant.
_NEWEST_FIRST = "ORDER BY julianday(at) DESC, op_id DESC"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a day: who kept it (`author`, empty for this device's officer), when and why.

    `undoes` is the record of another order that this one took back, `undone_by` the one that took
    this one back.
    """

    itinerary: Itinerary
    op_id: str
    author: str
    at: str
    reason: str
    undoes: str | None = None
    undone_by: str | None = None


def keep(conn: sqlite3.Connection, order: Order) -> None:
    """Add an order; the newest of the day is in force from then on."""
    day = order.itinerary
    conn.execute(
        "INSERT INTO orders (itinerary_id, base_version, body, op_id, author, at, reason, undoes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            day.itinerary_id,
            day.version,
            to_json(day),
            order.op_id,
            order.author,
            order.at,
            order.reason,
            order.undoes,
        ),
    )
    conn.execute(
        "UPDATE orders SET undone_by = ? WHERE op_id = ?", (order.op_id, order.undoes or "")
    )
    enforce_newest(conn, day.itinerary_id)


def change(conn: sqlite3.Connection, op_id: str, itinerary: Itinerary) -> None:
    """Carry an order over to another version of its itinerary."""
    conn.execute(
        "UPDATE orders SET base_version = ?, body = ? WHERE op_id = ?",
        (itinerary.version, to_json(itinerary), op_id),
    )
    enforce_newest(conn, itinerary.itinerary_id)


def enforce_newest(conn: sqlite3.Connection, itinerary_id: str) -> None:
    """Make the newest order the one that the day shows."""
    conn.execute("DELETE FROM revisions WHERE itinerary_id = ?", (itinerary_id,))
    conn.execute(
        "INSERT INTO revisions (itinerary_id, base_version, body, op_id, author, at)"  # noqa: S608 - our own constant
        " SELECT itinerary_id, base_version, body, op_id, author, at FROM orders"
        f" WHERE itinerary_id = ? {_NEWEST_FIRST} LIMIT 1",
        (itinerary_id,),
    )


def of_itinerary(conn: sqlite3.Connection, itinerary: Itinerary) -> tuple[Order, ...]:
    """Every order of this very version, the newest first."""
    rows = conn.execute(
        "SELECT body, op_id, author, at, reason, undoes, undone_by FROM orders"  # noqa: S608 - our own constant
        f" WHERE itinerary_id = ? AND base_version = ? {_NEWEST_FIRST}",
        (itinerary.itinerary_id, itinerary.version),
    )
    return tuple(
        Order(
            from_json(row["body"], Itinerary),
            row["op_id"],
            row["author"],
            row["at"],
            row["reason"],
            row["undoes"],
            row["undone_by"],
        )
        for row in rows
    )


def knows(conn: sqlite3.Connection, op_id: str) -> bool:
    """Whether the order of this record is here."""
    return conn.execute("SELECT 1 FROM orders WHERE op_id = ?", (op_id,)).fetchone() is not None
