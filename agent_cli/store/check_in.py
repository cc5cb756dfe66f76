"""What check-ins need: every officer's key as this device knows it, and the wrong tries so far."""

import json
from dataclasses import dataclass
from datetime import datetime

from agent_cli.cipher import sqlite3
from agent_cli.store import mirror
from fieldsync.domain.check_in import CheckInKey
from fieldsync.domain.codec import from_builtins
from fieldsync.sync.feed import KeyKind
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import decode_body


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong secrets in a row, and both clocks at the last one."""

    count: int
    at: datetime
    monotonic_ms: int
    boot_id: str


def key_of(conn: sqlite3.Connection, officer_id: str) -> CheckInKey | None:
    """The officer's key: what was set on this device and not answered yet, or else the roster's."""
    row = conn.execute(
        "SELECT body, state FROM journal WHERE kind = ? AND body <> '' AND state <> 'rejected'"
        " ORDER BY seq DESC LIMIT 1",
        (OperationKind.CHECK_IN_KEY.value,),
    ).fetchone()
    own = None if row is None else from_builtins(decode_body(row["body"]).payload, CheckInKey)
    ours = own is not None and own.officer_id == officer_id
    if ours and row["state"] != "accepted":
        return own
    return _roster_key(conn, officer_id) or (own if ours else None)


def tries_of(conn: sqlite3.Connection, officer_id: str) -> Tries | None:
    """The wrong tries since the last right one; None where there were none."""
    row = conn.execute(
        "SELECT * FROM check_in_tries WHERE officer_id = ?", (officer_id,)
    ).fetchone()
    if row is None:
        return None
    at = datetime.fromisoformat(row["tried_at"])
    return Tries(row["tries"], at, row["monotonic_ms"], row["boot_id"])


def keep_tries(conn: sqlite3.Connection, officer_id: str, tries: Tries | None) -> None:
    """Store the tries, or forget them after a right secret; in the caller's transaction."""
    conn.execute("DELETE FROM check_in_tries WHERE officer_id = ?", (officer_id,))
    if tries is not None:
        conn.execute(
            "INSERT INTO check_in_tries (officer_id, tries, tried_at, monotonic_ms, boot_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (officer_id, tries.count, tries.at.isoformat(), tries.monotonic_ms, tries.boot_id),
        )


def _roster_key(conn: sqlite3.Connection, officer_id: str) -> CheckInKey | None:
    for text in mirror.bodies(conn, KeyKind.ROSTER):
        for row in json.loads(text).get("officers", []):
            if row["officer_id"] == officer_id and row.get("check_in_key"):
                return from_builtins(row["check_in_key"], CheckInKey)
    return None
