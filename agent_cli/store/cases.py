"""A case as the officer should see it: the server's row, overlaid by what this device has added."""

import dataclasses
from typing import TYPE_CHECKING

from agent_cli.cipher import sqlite3
from agent_cli.store import mirror
from agent_cli.store.states import JournalState
from fieldsync.domain.case import AgreementState, Case, Flag, Hold
from fieldsync.domain.codec import from_json, to_json
from fieldsync.errors import NotFoundError
from fieldsync.sync.feed import KeyKind, feed_key
from fieldsync.words import words

if TYPE_CHECKING:  # half of today's cases have none, and its types take milliseconds to make
    from fieldsync.domain.agreement import Agreement

# Records of an agreement that bind until the server says otherwise.
_BINDING = {JournalState.UNSENT, JournalState.SENT, JournalState.HELD}
_UNDECIDED = {JournalState.IN_REVIEW, JournalState.QUARANTINED}


def load_case(conn: sqlite3.Connection, case_id: str) -> Case:
    """The case with this device's own holds and agreements; NotFoundError 404.61 names near ids."""
    text = mirror.body(conn, feed_key(KeyKind.CASE, case_id))
    if text is None:
        from difflib import get_close_matches

        near = get_close_matches(case_id, mirror.names(conn, KeyKind.CASE), n=3)
        raise NotFoundError(
            "404.61",
            words("There is no case {case_id} on this device.", case_id=case_id),
            words("Did you mean {near}?", near=", ".join(near))
            if near
            else words("Find it with `fieldsync search NAME`, or run `fieldsync sync`."),
        )
    return _overlaid(conn, from_json(text, Case))


def load_cases(conn: sqlite3.Connection) -> dict[str, Case]:
    """Every case on the device, by id."""
    rows = [from_json(text, Case) for text in mirror.bodies(conn, KeyKind.CASE)]
    return {case.case_id: _overlaid(conn, case) for case in rows}


def add_hold(conn: sqlite3.Connection, case_id: str, hold: Hold, op_id: str) -> None:
    """Stop collection on this device at once, in the transaction that records why."""
    conn.execute(
        "INSERT INTO local_holds (hold_id, case_id, body, op_id) VALUES (?, ?, ?, ?)",
        (hold.hold_id, case_id, to_json(hold), op_id),
    )


def add_agreement(conn: sqlite3.Connection, agreement: "Agreement", op_id: str) -> None:
    """Keep a signed agreement, in the transaction that records it."""
    conn.execute(
        "INSERT INTO agreements (agreement_id, case_id, body, op_id) VALUES (?, ?, ?, ?)",
        (agreement.agreement_id, agreement.case_id, to_json(agreement), op_id),
    )


def agreements_of(conn: sqlite3.Connection, case_id: str) -> "tuple[tuple[Agreement, str], ...]":
    """The agreements signed on this device for a case, each with its record's state."""
    from fieldsync.domain.agreement import Agreement

    rows = conn.execute(
        "SELECT a.body, j.state FROM agreements a JOIN journal j USING (op_id)"
        " WHERE a.case_id = ? ORDER BY j.seq",
        (case_id,),
    )
    return tuple((from_json(row["body"], Agreement), str(row["state"])) for row in rows)


def _overlaid(conn: sqlite3.Connection, case: Case) -> Case:
    rows = conn.execute(
        "SELECT body, op_id FROM local_holds WHERE case_id = ? ORDER BY hold_id", (case.case_id,)
    )
    # The server names a hold after the record that brought it, also while that is in review.
    known = {hold.hold_id for hold in case.holds}
    own = tuple(from_json(row["body"], Hold) for row in rows if row["op_id"] not in known)
    state = case.agreement_state
    signed = conn.execute(
        "SELECT j.state, a.body ->> '$.standing' = 'proposed' AS proposed FROM agreements a"
        " JOIN journal j USING (op_id) WHERE a.case_id = ? ORDER BY j.seq",
        (case.case_id,),
    )
    for row in signed:
        if row["state"] in _BINDING:
            state = AgreementState.PROPOSED if row["proposed"] else AgreementState.PERFORMING
        elif row["state"] in _UNDECIDED:
            state = AgreementState.PROPOSED
    complained = conn.execute(
        "SELECT 1 FROM complaints WHERE case_id = ? LIMIT 1", (case.case_id,)
    ).fetchone()
    flags = case.flags | {Flag.GRIEVANCE_OPEN} if complained else case.flags
    return dataclasses.replace(case, holds=case.holds + own, agreement_state=state, flags=flags)
