"""What of a case file may be deleted, and the deleting: records leave an empty place in their log.

The body of an operation is replaced; its place, hash and signature stay, so that the chain of hashes
and every signature over it still verify, and a device that sends it again is told that it is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, update

from fieldsync.domain.codec import to_json
from fieldsync.sync.kinds import PURGED
from fieldsync.sync.operation import Operation, decode_body
from fieldsync.sync.outcome import OutcomeKind
from server.store.chunks import chunks
from server.store.conduct_tables import (
    complaints,
    corrections,
    evidence,
    hardship_reviews,
    hold_spread,
    notices,
)
from server.store.tables import (
    agent_feed,
    agreement_documents,
    agreement_reminders,
    agreements,
    assessments,
    assignments,
    attachments,
    blobs,
    cases,
    disclosures,
    early_operations,
    holds,
    operations,
    quarantine,
    visits,
)

_BY_OPERATION = (disclosures, agreements, complaints, corrections, evidence)
_OF_A_CASE = (
    *_BY_OPERATION,
    hardship_reviews,
    hold_spread,
    visits,
    notices,
    holds,
    assignments,
    assessments,
    cases,
)
_UNDECIDED = (OutcomeKind.HELD.value, OutcomeKind.IN_REVIEW.value)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record of a case: its id, and when it was made."""

    op_id: str
    at: datetime


def case_ids(conn: Connection, after: str = "") -> list[str]:
    """Some ids of cases in order, from the one after `after` on; empty at the end."""
    query = select(cases.c.case_id).where(cases.c.case_id > after)
    return list(conn.execute(query.order_by(cases.c.case_id).limit(500)).scalars())


def records_of(conn: Connection, case_id: str, before: datetime) -> list[KeptRecord]:
    """The records of a case made and received before that instant, in the order they came."""
    rows = conn.execute(
        select(operations.c.op_id, operations.c.occurred_at, operations.c.received_at)
        .where(operations.c.case_id == case_id)
        .order_by(operations.c.received_at, operations.c.op_id)
    )
    made = [KeptRecord(row.op_id, max(row.occurred_at, row.received_at)) for row in rows]
    return [record for record in made if record.at < before]


def count_records(conn: Connection, case_id: str) -> int:
    """How many records of the case there are."""
    query = select(func.count()).select_from(operations).where(operations.c.case_id == case_id)
    return int(conn.execute(query).scalar_one())


def imported_at(conn: Connection, case_id: str) -> datetime:
    """When the bank's book last spoke of the case."""
    query = select(cases.c.imported_at).where(cases.c.case_id == case_id)
    at: datetime = conn.execute(query).scalar_one()
    return at


def open_matters(conn: Connection, case_id: str, now: datetime) -> list[str]:
    """Why the case is not over: names of tables or states, in order; empty where nothing is open."""
    asked = {
        "record": exists().where(
            operations.c.case_id == case_id, operations.c.outcome.in_(_UNDECIDED)
        ),
        "quarantine": exists().where(
            quarantine.c.case_id == case_id, quarantine.c.decided_at.is_(None)
        ),
        "hold": exists().where(
            holds.c.case_id == case_id,
            holds.c.lifted_at.is_(None),
            or_(holds.c.until.is_(None), holds.c.until > now),
        ),
        "complaint": exists().where(
            complaints.c.case_id == case_id, complaints.c.answered_at.is_(None)
        ),
        "correction": exists().where(
            corrections.c.case_id == case_id, corrections.c.decided_at.is_(None)
        ),
        "hardship": exists().where(
            hardship_reviews.c.case_id == case_id, hardship_reviews.c.decided_at.is_(None)
        ),
        "visit": exists().where(visits.c.case_id == case_id, visits.c.finished_at.is_(None)),
        "officer": exists().where(assignments.c.case_id == case_id, assignments.c.until.is_(None)),
        "device": exists().where(agent_feed.c.key == f"case:{case_id}", agent_feed.c.op == "PUT"),
    }
    return [name for name, question in asked.items() if conn.execute(select(question)).scalar()]


def purge_records(conn: Connection, op_ids: Sequence[str]) -> None:
    """Empty these records' places and delete what was made of them."""
    for chunk in chunks(op_ids):
        _delete_visits(conn, chunk)
        _delete_of_plans(conn, agreements.c.op_id.in_(chunk))
        for table in (*_BY_OPERATION, early_operations, attachments):
            conn.execute(delete(table).where(table.c.op_id.in_(chunk)))
        for table in (hold_spread, holds, hardship_reviews):
            conn.execute(delete(table).where(table.c.hold_id.in_(chunk)))
        bodies = conn.execute(
            select(operations.c.op_id, operations.c.body).where(operations.c.op_id.in_(chunk))
        ).all()
        for op_id, body in bodies:
            conn.execute(
                update(operations)
                .where(operations.c.op_id == op_id)
                .values(
                    body=to_json(_emptied(decode_body(body))),
                    kind=PURGED,
                    case_id=None,
                    reason=None,
                    server_version=None,
                )
            )


def purge_case(conn: Connection, case_id: str) -> None:
    """Delete the file of a case whose records are gone already."""
    conn.execute(delete(quarantine).where(quarantine.c.case_id == case_id))
    _delete_of_plans(conn, agreements.c.case_id == case_id)
    for table in _OF_A_CASE:
        conn.execute(delete(table).where(table.c.case_id == case_id))


def files_without_record(conn: Connection, before: datetime) -> list[str]:
    """Names of files that no record names any more, and no agreement as the office's sealed copy."""
    rows = conn.execute(
        select(blobs.c.sha256)
        .where(
            blobs.c.received_at < before,
            ~exists().where(attachments.c.sha256 == blobs.c.sha256),
            ~exists().where(agreement_documents.c.office_sha256 == blobs.c.sha256),
        )
        .order_by(blobs.c.sha256)
    )
    return list(rows.scalars())


def forget_file(conn: Connection, sha256: str) -> None:
    """The file is gone: nothing says any more that it was here."""
    conn.execute(delete(blobs).where(blobs.c.sha256 == sha256))


def _emptied(operation: Operation) -> Operation:
    """The envelope with nothing in it: place, links, id and time alone."""
    return replace(operation, kind=PURGED, case_id=None, payload={}, attachments=(), depends_on=())


def _delete_of_plans(conn: Connection, which: ColumnElement[bool]) -> None:
    """What hangs on these agreements: the office's copies are files without a record afterwards."""
    named = select(agreements.c.agreement_id).where(which)
    for table in (agreement_documents, agreement_reminders):
        conn.execute(delete(table).where(table.c.agreement_id.in_(named)))


def _delete_visits(conn: Connection, op_ids: Sequence[str]) -> None:
    """The visits that these records began."""
    bodies = conn.execute(
        select(operations.c.body).where(
            operations.c.op_id.in_(op_ids), operations.c.kind == "visit.start"
        )
    )
    named = [str(decode_body(body).payload.get("visit_id", "")) for body in bodies.scalars()]
    conn.execute(delete(visits).where(visits.c.visit_id.in_(named)))
