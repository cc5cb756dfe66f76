"""The orders of a day that were kept on this device, the pair's own and the one in force among them."""

from dataclasses import dataclass
from datetime import datetime

from agent_cli.cipher import sqlite3
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.itinerary import Itinerary


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
    in_force: bool = False


def keep(conn: sqlite3.Connection, order: Order, *, enforced: bool = True) -> None:
    """Add an order; what this device's officer keeps is in force whatever the clock says."""
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
    if enforced:
        _enforce(conn, order.op_id)


def change(conn: sqlite3.Connection, op_id: str, itinerary: Itinerary) -> None:
    """Carry an order over to another version of its itinerary."""
    conn.execute(
        "UPDATE orders SET base_version = ?, body = ? WHERE op_id = ?",
        (itinerary.version, to_json(itinerary), op_id),
    )
    if conn.execute("SELECT 1 FROM revisions WHERE op_id = ?", (op_id,)).fetchone():
        _enforce(conn, op_id)


def _enforce(conn: sqlite3.Connection, op_id: str) -> None:
    """Make it the order that the day shows."""
    conn.execute(
        "INSERT OR REPLACE INTO revisions (itinerary_id, base_version, body, op_id, author, at)"
        " SELECT itinerary_id, base_version, body, op_id, author, at FROM orders WHERE op_id = ?",
        (op_id,),
    )


def in_force(conn: sqlite3.Connection, itinerary_id: str) -> tuple[str, datetime | None] | None:
    """Record and time of the order in force; None where the published one stands."""
    row = conn.execute(
        "SELECT op_id, at FROM revisions WHERE itinerary_id = ?", (itinerary_id,)
    ).fetchone()
    if row is None:
        return None
    return row["op_id"], datetime.fromisoformat(row["at"]) if row["at"] else None


def of_itinerary(conn: sqlite3.Connection, itinerary: Itinerary) -> tuple[Order, ...]:
    """Every order of this very version, as they came here, the last one first."""
    rows = conn.execute(
        "SELECT o.*, r.op_id IS NOT NULL AS in_force FROM orders o LEFT JOIN revisions r USING (op_id)"
        " WHERE o.itinerary_id = ? AND o.base_version = ? ORDER BY o.number DESC",
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
            bool(row["in_force"]),
        )
        for row in rows
    )


def knows(conn: sqlite3.Connection, op_id: str) -> bool:
    """Whether the order of this record is here."""
    return conn.execute("SELECT 1 FROM orders WHERE op_id = ?", (op_id,)).fetchone() is not None
