"""The device's log: operations appended in order, and what the server said of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_cli.cipher import sqlite3
from agent_cli.store.states import JournalState
from fieldsync.domain.codec import from_json, to_json
from fieldsync.sync.chain import Head
from fieldsync.sync.operation import (
    Operation,
    PushedOperation,
    SealedOperation,
    SignedOperation,
    decode_body,
    genesis_hash,
)
from fieldsync.sync.outcome import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the journal holds it; `operation` is None once the case has left the device."""

    seq: int
    op_id: str
    kind: str
    case_id: str | None
    hash: str
    recorded_at: str
    state: JournalState
    reason: Reason | None
    body: str

    @property
    def operation(self) -> Operation | None:
        """The envelope, read from its exact bytes."""
        return decode_body(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record as it goes up, with its number; sealed where its content has left with its case."""

    seq: int
    pushed: PushedOperation

    @property
    def size(self) -> int:
        """Bytes of its text."""
        pushed = self.pushed
        return len(pushed.body.encode() if isinstance(pushed, SignedOperation) else pushed.sealed)


def head(conn: sqlite3.Connection, device_id: str) -> Head:
    """The end of the log; 0 and the genesis hash at first."""
    row = conn.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(0, genesis_hash(device_id)) if row is None else Head(row["seq"], row["hash"])


def append(
    conn: sqlite3.Connection, operation: Operation, signed: SignedOperation, own_hash: str
) -> None:
    """Add the next operation with its files, in the caller's transaction."""
    conn.execute(
        "INSERT INTO journal (seq, op_id, kind, case_id, body, hash, sig, recorded_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            operation.seq,
            operation.op_id,
            operation.kind,
            operation.case_id,
            signed.body,
            own_hash,
            signed.sig,
            operation.occurred_at.isoformat(),
        ),
    )
    conn.executemany(
        "INSERT INTO journal_files (sha256, op_id, size, type) VALUES (?, ?, ?, ?)",
        [(a.sha256, operation.op_id, a.size, a.type) for a in operation.attachments],
    )


def unanswered(conn: sqlite3.Connection, *, after: int = 0, limit: int) -> tuple[Outgoing, ...]:
    """The oldest operations the server has not answered yet, in the order of the log, from a place on.

    Those that are stored but were never answered are among them: pushed again, they get their answer.
    """
    rows = conn.execute(
        "SELECT seq, body, sealed, sig FROM journal WHERE state IN ('unsent', 'sent') AND seq > ?"
        " ORDER BY seq LIMIT ?",
        (after, limit),
    )
    return tuple(_outgoing(row) for row in rows)


def unsent(
    conn: sqlite3.Connection, limit: int, *, after: int = 0, kinds: Sequence[str] = ()
) -> tuple[Outgoing, ...]:
    """The oldest operations that only this device has, all or of some kinds, from a place in the log on."""
    chosen = f"kind IN ({', '.join('?' * len(kinds))})" if kinds else "TRUE"
    rows = conn.execute(
        f"SELECT seq, body, sealed, sig FROM journal WHERE state = 'unsent' AND seq > ? AND {chosen}"  # noqa: S608 - question marks
        " ORDER BY seq LIMIT ?",
        (after, *kinds, limit),
    )
    return tuple(_outgoing(row) for row in rows)


def mark_stored(conn: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """These were pushed, and the server's receipt covers them."""
    conn.executemany(
        "UPDATE journal SET state = 'sent' WHERE state = 'unsent' AND seq = ?",
        [(seq,) for seq in seqs],
    )


def mark_quarantined(conn: sqlite3.Connection, hashes: Iterable[str]) -> None:
    """The server keeps these outside the log, by its signed word."""
    conn.executemany(
        "UPDATE journal SET state = 'quarantined' WHERE state = 'unsent' AND hash = ?",
        [(own_hash,) for own_hash in hashes],
    )


def mark_outcome(conn: sqlite3.Connection, op_id: str, outcome: Outcome) -> None:
    """What the server decided on one record; unknown ids are another device's and pass."""
    reason = None if outcome.reason is None else to_json(outcome.reason)
    conn.execute(
        "UPDATE journal SET state = ?, reason = ? WHERE op_id = ?",
        (outcome.kind.value, reason, op_id),
    )


def hash_at(conn: sqlite3.Connection, seq: int) -> str | None:
    """The hash of one record of the log, or None."""
    row = conn.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else str(row["hash"])


def entries(
    conn: sqlite3.Connection, *, case_id: str | None = None, states: Sequence[str] = ()
) -> tuple[Entry, ...]:
    """Records in the order of the log, all or of one case or of some states."""
    found = conn.execute(
        "SELECT * FROM journal WHERE (?1 IS NULL OR case_id = ?1) ORDER BY seq", (case_id,)
    )
    return tuple(_entry(row) for row in found if not states or row["state"] in states)


def to_rescue(
    conn: sqlite3.Connection, columns: Sequence[str], *, everything: bool
) -> tuple[dict[str, object], ...]:
    """These columns of all records, or of those that the server has not confirmed in its log.

    A record whose file never arrived counts as not confirmed: the file goes with it.
    """
    chosen = (
        "TRUE"
        if everything
        else "state IN ('unsent', 'quarantined')"
        " OR op_id IN (SELECT op_id FROM journal_files WHERE uploaded = 0)"
    )
    rows = conn.execute(
        f"SELECT {', '.join(columns)} FROM journal WHERE {chosen} ORDER BY seq"  # noqa: S608 - our own names
    )
    return tuple(dict(row) for row in rows)


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many records stand in each state, zeros included."""
    found = {state.value: 0 for state in JournalState}
    found |= {
        row["state"]: row["n"]
        for row in conn.execute("SELECT state, count(*) AS n FROM journal GROUP BY state")
    }
    return found


def missing_files(conn: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """(sha256, media type) of the files not uploaded yet, of records in the server's log or quarantine."""
    rows = conn.execute(
        "SELECT DISTINCT f.sha256, f.type FROM journal_files f JOIN journal j USING (op_id)"
        " WHERE f.uploaded = 0 AND j.state NOT IN ('unsent', 'rejected') ORDER BY j.seq"
    )
    return tuple((row["sha256"], row["type"]) for row in rows)


def files_only_here(conn: sqlite3.Connection) -> int:
    """How many files of records that were not rejected the server does not have."""
    row = conn.execute(
        "SELECT count(DISTINCT f.sha256) FROM journal_files f JOIN journal j USING (op_id)"
        " WHERE f.uploaded = 0 AND j.state <> 'rejected'"
    ).fetchone()
    return int(row[0])


def mark_uploaded(conn: sqlite3.Connection, shas: Iterable[str]) -> None:
    """The server has these files."""
    conn.executemany(
        "UPDATE journal_files SET uploaded = 1 WHERE sha256 = ?", [(sha,) for sha in shas]
    )


def _outgoing(row: sqlite3.Row) -> Outgoing:
    if row["body"] or row["sealed"] is None:
        return Outgoing(row["seq"], SignedOperation(row["body"], row["sig"]))
    return Outgoing(row["seq"], SealedOperation(row["sealed"], row["sig"]))


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        seq=row["seq"],
        op_id=row["op_id"],
        kind=row["kind"],
        case_id=row["case_id"],
        hash=row["hash"],
        recorded_at=row["recorded_at"],
        state=JournalState(row["state"]),
        reason=None if row["reason"] is None else from_json(row["reason"], Reason),
        body=row["body"],
    )


def last_confirmed(conn: sqlite3.Connection) -> int:
    """The newest record that the server's receipts have covered; 0 where there is none."""
    row = conn.execute(
        "SELECT max(seq) FROM journal WHERE state NOT IN ('unsent', 'quarantined')"
    ).fetchone()
    return int(row[0] or 0)


def is_whole_after(conn: sqlite3.Connection, seq: int) -> bool:
    """Whether every record after this number can be sent again: its content is here, or sealed."""
    row = conn.execute(
        "SELECT 1 FROM journal WHERE seq > ? AND body = '' AND sealed IS NULL LIMIT 1", (seq,)
    ).fetchone()
    return row is None


def mark_unsent_after(conn: sqlite3.Connection, seq: int) -> None:
    """The server was restored from an older copy: give it back what it lost."""
    conn.execute(
        "UPDATE journal SET state = 'unsent', reason = NULL, sealed_at = NULL WHERE seq > ?", (seq,)
    )
    conn.execute(
        "UPDATE journal_files SET uploaded = 0"
        " WHERE op_id IN (SELECT op_id FROM journal WHERE seq > ?)",
        (seq,),
    )
