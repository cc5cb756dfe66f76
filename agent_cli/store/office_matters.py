"""What of a case waits for the office: complaints taken down here, and corrections proposed here."""

from dataclasses import dataclass

from agent_cli.cipher import sqlite3
from agent_cli.store.states import JournalState
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.complaint import Complaint
from fieldsync.domain.correction import Correction
from fieldsync.sync.outcome import Reason


@dataclass(frozen=True, slots=True)
class Proposed:
    """A correction, where its record stands, and what the office said of it, if it has."""

    correction: Correction
    state: JournalState
    reason: Reason | None = None


def add_complaint(conn: sqlite3.Connection, complaint: Complaint, op_id: str) -> None:
    """Keep a complaint, in the transaction that records it: from now on nobody visits."""
    conn.execute(
        "INSERT INTO complaints (complaint_id, case_id, body, op_id) VALUES (?, ?, ?, ?)",
        (complaint.complaint_id, complaint.case_id, to_json(complaint), op_id),
    )


def add_correction(conn: sqlite3.Connection, correction: Correction, op_id: str) -> None:
    """Keep a proposal, in the transaction that records it; the case file stays as it is."""
    conn.execute(
        "INSERT INTO corrections (correction_id, case_id, body, op_id) VALUES (?, ?, ?, ?)",
        (correction.correction_id, correction.case_id, to_json(correction), op_id),
    )


def corrections_of(conn: sqlite3.Connection, case_id: str) -> tuple[Proposed, ...]:
    """What was proposed on this device about a case, oldest first."""
    rows = conn.execute(
        "SELECT c.body, j.state, j.reason FROM corrections c JOIN journal j USING (op_id)"
        " WHERE c.case_id = ? ORDER BY j.seq",
        (case_id,),
    )
    return tuple(
        Proposed(
            from_json(row["body"], Correction),
            JournalState(row["state"]),
            from_json(row["reason"], Reason) if row["reason"] else None,
        )
        for row in rows
    )
