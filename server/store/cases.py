"""Reads and writes case files: the bank's part as imported, our holds and agreement state beside it."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from fieldsync.domain.case import AgreementState, Case, Hold, HoldKind
from fieldsync.domain.codec import from_json, to_json
from server.store.dialect import upsert
from server.store.tables import cases, holds


def body_of(case: Case) -> tuple[str, str]:
    """The bank's part of a case as stored text, and its hash; our own part and the version left out."""
    bank_part = dataclasses.replace(case, holds=(), agreement_state=AgreementState.NONE, version=1)
    text = to_json(bank_part)
    return text, hashlib.sha256(text.encode()).hexdigest()


def load_cases(conn: Connection, case_ids: Sequence[str]) -> dict[str, Case]:
    """The case files with these ids; unknown ids are absent."""
    found: dict[str, Case] = {}
    for begin in range(0, len(case_ids), 500):
        chunk = list(case_ids[begin : begin + 500])
        rows = conn.execute(select(cases).where(cases.c.case_id.in_(chunk))).all()
        open_holds = _open_holds(conn, chunk)
        found |= {row.case_id: _to_case(row, open_holds[row.case_id]) for row in rows}
    return found


def load_case(conn: Connection, case_id: str) -> Case | None:
    """One case file, or None."""
    return load_cases(conn, [case_id]).get(case_id)


def load_branch(conn: Connection, branch: str) -> list[Case]:
    """Every case file of a branch, by id."""
    ids = conn.execute(
        select(cases.c.case_id).where(cases.c.branch == branch).order_by(cases.c.case_id)
    )
    return list(load_cases(conn, list(ids.scalars())).values())


def stored_hashes(conn: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """What is stored of these cases: (body hash, version) by id."""
    known: dict[str, tuple[str, int]] = {}
    for begin in range(0, len(case_ids), 500):
        query = select(cases.c.case_id, cases.c.body_hash, cases.c.version)
        rows = conn.execute(query.where(cases.c.case_id.in_(list(case_ids[begin : begin + 500]))))
        known |= {row.case_id: (row.body_hash, row.version) for row in rows}
    return known


def save_bank_parts(conn: Connection, changed: Iterable[Case], at: datetime) -> None:
    """Store imported cases with the versions they carry; holds and agreement state stay as they are."""
    rows = []
    for case in changed:
        text, body_hash = body_of(case)
        rows.append(
            {
                "case_id": case.case_id,
                "branch": case.branch,
                "version": case.version,
                "bank_version": case.version,
                "body": text,
                "body_hash": body_hash,
                "imported_at": at,
            }
        )
    upsert(conn, cases, rows, keys=("case_id",))


def bank_version(conn: Connection, case_id: str) -> int:
    """The version in which the bank's part last changed; 0 for an unknown case."""
    query = select(cases.c.bank_version).where(cases.c.case_id == case_id)
    return conn.execute(query).scalar() or 0


def grow_version(conn: Connection, case_id: str) -> None:
    """Count one more change of a case; whoever changes our part of it calls this."""
    conn.execute(
        update(cases).where(cases.c.case_id == case_id).values(version=cases.c.version + 1)
    )


def set_agreement_state(conn: Connection, case_id: str, state: AgreementState) -> None:
    """Say how the case's agreement stands."""
    conn.execute(
        update(cases).where(cases.c.case_id == case_id).values(agreement_state=state.value)
    )
    grow_version(conn, case_id)


def add_hold(conn: Connection, case_id: str, hold: Hold) -> None:
    """Stop collection on a case; the same hold twice is a fault of the caller."""
    conn.execute(
        insert(holds).values(
            hold_id=hold.hold_id,
            case_id=case_id,
            kind=hold.kind.value,
            since=hold.since,
            until=hold.until,
            source=hold.source,
        )
    )
    grow_version(conn, case_id)


def _open_holds(conn: Connection, case_ids: Sequence[str]) -> dict[str, list[Hold]]:
    rows = conn.execute(
        select(holds)
        .where(holds.c.case_id.in_(list(case_ids)), holds.c.lifted_at.is_(None))
        .order_by(holds.c.since, holds.c.hold_id)
    )
    found: dict[str, list[Hold]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(
            Hold(row.hold_id, HoldKind(row.kind), row.since, row.source, row.until)
        )
    return found


def _to_case(row: Row[tuple[object, ...]], open_holds: Sequence[Hold]) -> Case:
    return dataclasses.replace(
        from_json(row.body, Case),
        holds=tuple(open_holds),
        agreement_state=AgreementState(row.agreement_state),
        version=row.version,
    )
