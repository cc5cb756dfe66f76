"""What this device still owes the server: records, and the files of records."""

from dataclasses import dataclass

from agent_cli.cipher import sqlite3


@dataclass(frozen=True, slots=True)
class Owed:
    """Files of one record that the server lacks, and their bytes together."""

    count: int
    size: int


def owed_files(conn: sqlite3.Connection) -> dict[str, Owed]:
    """By operation id; files of rejected records are owed no more."""
    rows = conn.execute(
        "SELECT f.op_id, count(*) AS count, sum(f.size) AS size"
        " FROM journal_files f JOIN journal j USING (op_id)"
        " WHERE f.uploaded = 0 AND j.state <> 'rejected' GROUP BY f.op_id"
    )
    return {row["op_id"]: Owed(row["count"], row["size"]) for row in rows}


def has_unsent(conn: sqlite3.Connection) -> bool:
    """Whether a record waits that the server has not confirmed."""
    row = conn.execute("SELECT 1 FROM journal WHERE state = 'unsent' LIMIT 1").fetchone()
    return row is not None
