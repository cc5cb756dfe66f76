"""What leaves the device with its case: overlay, the content of records, and their files.

A record leaves once the server's receipt covers it: sealed to the server where its key is known. Where
it is not, a record that the server has not settled stays whole, so that nothing is lost (G1, G5).
"""

from dataclasses import dataclass

from agent_cli.cipher import sqlite3

_OVERLAY = ("visits", "local_holds", "agreements", "complaints", "corrections")
# What the server has answered for good, and what its receipts cover.
_SETTLED = "state IN ('accepted', 'rejected')"
_COVERED = "state NOT IN ('unsent', 'quarantined')"


@dataclass(frozen=True, slots=True)
class LeftRecord:
    """The content of a record that the server has and whose case is the officer's no more."""

    op_id: str
    body: str
    is_settled: bool


def records_left(conn: sqlite3.Connection) -> tuple[LeftRecord, ...]:
    """Records that are to leave: the server's receipt covers them and their case is gone."""
    rows = conn.execute(
        f"SELECT op_id, body, {_SETTLED} AS settled FROM journal"  # noqa: S608 - our own constants
        f" WHERE body <> '' AND case_id IS NOT NULL AND {_COVERED}"
        " AND NOT EXISTS (SELECT 1 FROM mirror WHERE key = 'case:' || journal.case_id) ORDER BY seq"
    )
    return tuple(LeftRecord(row["op_id"], row["body"], bool(row["settled"])) for row in rows)


def let_go(conn: sqlite3.Connection, op_id: str, sealed: str | None) -> None:
    """Take away the content of one record and what it shows; `sealed` is what stays in its place."""
    for table in _OVERLAY:
        conn.execute(f"DELETE FROM {table} WHERE op_id = ?", (op_id,))  # noqa: S608 - our own names
    conn.execute("UPDATE journal SET body = '', sealed = ? WHERE op_id = ?", (sealed, op_id))


def date_sealed(conn: sqlite3.Connection, at: str) -> None:
    """Note from when on a sealed record is covered by the server's receipt; once for each."""
    conn.execute(
        "UPDATE journal SET sealed_at = ?"  # noqa: S608 - our own constant
        f" WHERE sealed IS NOT NULL AND sealed_at IS NULL AND {_COVERED}",
        (at,),
    )


def forget_sealed(conn: sqlite3.Connection, before: str) -> None:
    """Delete sealed records that the server's receipt covered before this, and has answered."""
    conn.execute(
        "UPDATE journal SET sealed = NULL, sealed_at = NULL"  # noqa: S608 - our own constant
        f" WHERE sealed_at < ? AND {_COVERED} AND state <> 'sent'",
        (before,),
    )


def drop_files(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Forget the files of records that are gone for good; SHA-256 of those that no record names now."""
    gone = "op_id IN (SELECT op_id FROM journal WHERE body = '' AND sealed IS NULL)"
    named = conn.execute(f"SELECT DISTINCT sha256 FROM journal_files WHERE {gone}").fetchall()  # noqa: S608 - our own constant
    conn.execute(f"DELETE FROM journal_files WHERE {gone}")  # noqa: S608 - our own constant
    still = {row["sha256"] for row in conn.execute("SELECT DISTINCT sha256 FROM journal_files")}
    return tuple(row["sha256"] for row in named if row["sha256"] not in still)


def files_to_seal(conn: sqlite3.Connection) -> tuple[str, ...]:
    """SHA-256 of files that only sealed records name, and that the server has or needs no more."""
    rows = conn.execute(
        "SELECT f.sha256 FROM journal_files f JOIN journal j USING (op_id) GROUP BY f.sha256"
        " HAVING min(j.sealed IS NOT NULL AND (f.uploaded = 1 OR j.state = 'rejected')) = 1"
    )
    return tuple(row["sha256"] for row in rows)


def drop_covered(conn: sqlite3.Connection) -> None:
    """Drop overlay entries the server's rows now speak for; call when a complete pull is applied.

    A hold shows from the moment it was recorded until the operation is decided: an accepted one is
    in the server's row of the case from then on (and may be lifted there), a rejected one is void.
    """
    conn.execute(
        f"DELETE FROM local_holds WHERE op_id IN (SELECT op_id FROM journal WHERE {_SETTLED})"  # noqa: S608 - our own constant
    )
    conn.execute(
        f"DELETE FROM complaints WHERE op_id IN (SELECT op_id FROM journal WHERE {_SETTLED})"  # noqa: S608 - our own constant
    )
    for table in ("revisions", "orders"):
        conn.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM mirror"  # noqa: S608 - our own names
            f" WHERE key = 'itinerary:' || {table}.itinerary_id AND version <= {table}.base_version)"
        )
