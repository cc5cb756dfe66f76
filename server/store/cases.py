"""Reads and writes case files: the bank's part as imported, our holds, agreement and visits beside it."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from fieldsync.domain.case import AgreementState, Case, Flag, Hold, HoldKind
from fieldsync.domain.codec import from_json, to_json
from server.store.chunks import chunks
from server.store.complaints import ComplaintState
from server.store.conduct_tables import complaints, notices
from server.store.dialect import is_reading, lock, locked, upsert
from server.store.hardship_reviews import close_reviews
from server.store.notices import with_notices
from server.store.tables import cases, holds
from server.store.visits import attempts_by_case

# Most cases were never told of a visit: only those that were are asked for their notices.
_TOLD = exists().where(notices.c.case_id == cases.c.case_id, notices.c.given_at.is_not(None))
_GRIEVED = exists().where(
    complaints.c.case_id == cases.c.case_id, complaints.c.state == ComplaintState.OPEN.value
)
_CASES = (
    select(cases, _TOLD.label("told"), _GRIEVED.label("grieved"))
    .where(cases.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(cases.c.case_id)
)
_CASES_LOCKED = lock(_CASES, cases)
_OPEN_HOLDS = (
    select(holds)
    .where(holds.c.case_id.in_(bindparam("case_ids", expanding=True)), holds.c.lifted_at.is_(None))
    .order_by(holds.c.since, holds.c.hold_id)
)


def body_of(case: Case) -> tuple[str, str]:
    """The bank's part of a case as stored text, and its hash; our own part and the version left out."""
    bank_part = dataclasses.replace(
        case, holds=(), agreement_state=AgreementState.NONE, version=1, notices=()
    )
    text = to_json(bank_part)
    return text, hashlib.sha256(text.encode()).hexdigest()


def load_cases(conn: Connection, case_ids: Sequence[str]) -> dict[str, Case]:
    """The case files with these ids, our own visits among their contacts; unknown ids are absent.

    A case with an open complaint carries the flag for it.
    """
    read = _read(conn, case_ids)
    found = read.cases
    for case_id in read.grieved:
        flags = found[case_id].flags | {Flag.GRIEVANCE_OPEN}
        found[case_id] = dataclasses.replace(found[case_id], flags=flags)
    for chunk in chunks(read.told):
        found |= with_notices(conn, {case_id: found[case_id] for case_id in chunk})
    for chunk in chunks(list(found)):
        for case_id, visits in attempts_by_case(conn, chunk).items():
            contacts = sorted((*found[case_id].contacts, *visits), key=lambda attempt: attempt.at)
            found[case_id] = dataclasses.replace(found[case_id], contacts=tuple(contacts))
    return found


def load_bank_parts(conn: Connection, case_ids: Sequence[str]) -> dict[str, Case]:
    """The same with the contacts that the bank told alone: what a new case book is joined with.

    Read in a write, the cases stay locked until its end: what is decided on them is still so then.
    """
    return _read(conn, case_ids).cases


@dataclass(slots=True)
class _Read:
    """Bank parts with their holds, and of which of them there is more to say."""

    cases: dict[str, Case] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    grieved: list[str] = field(default_factory=list)


def _read(conn: Connection, case_ids: Sequence[str]) -> _Read:
    """The same, and which of them were told of a visit or have an open complaint."""
    read = _Read()
    for chunk in chunks(sorted(case_ids)):
        query = _CASES if is_reading(conn) else _CASES_LOCKED
        rows = conn.execute(query, {"case_ids": chunk}).all()
        open_holds = _open_holds(conn, chunk)
        read.cases |= {row.case_id: _to_case(row, open_holds[row.case_id]) for row in rows}
        read.told += [row.case_id for row in rows if row.told]
        read.grieved += [row.case_id for row in rows if row.grieved]
    return read


def lock_cases(conn: Connection, case_ids: Iterable[str]) -> None:
    """Keep other writes from these cases until this one ends; in order, so that two never cross."""
    for chunk in chunks(sorted(case_ids)):
        query = select(cases.c.case_id).where(cases.c.case_id.in_(chunk)).order_by(cases.c.case_id)
        conn.execute(locked(conn, query, cases))


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
    query = select(cases.c.case_id, cases.c.body_hash, cases.c.version)
    for chunk in chunks(case_ids):
        rows = conn.execute(query.where(cases.c.case_id.in_(chunk)))
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


def bank_versions(conn: Connection, case_ids: Sequence[str]) -> dict[str, int]:
    """By case id: the version in which the bank's part last changed; unknown cases are absent."""
    found: dict[str, int] = {}
    for chunk in chunks(case_ids):
        query = select(cases.c.case_id, cases.c.bank_version).where(cases.c.case_id.in_(chunk))
        found |= {row.case_id: row.bank_version for row in conn.execute(query)}
    return found


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


def mark_address_invalid(conn: Connection, case_id: str, address_id: str) -> None:
    """Note that the borrower is not to be found there, until the bank tells another address.

    It goes into the bank's part, where `domain.bank_parts.joined` keeps it through new books.
    """
    case = load_bank_parts(conn, [case_id]).get(case_id)
    if case is None:
        return
    addresses = tuple(
        dataclasses.replace(address, invalid=True) if address.address_id == address_id else address
        for address in case.addresses
    )
    _replace_bank_part(conn, dataclasses.replace(case, addresses=addresses))


def mark_phone_wrong(conn: Connection, case_id: str, phone: str) -> None:
    """Note that a number is another's; it is kept away in the same place and way."""
    case = load_bank_parts(conn, [case_id]).get(case_id)
    if case is None:
        return
    digits = _digits(phone)
    wrong = tuple(known for known in case.borrower.phones if _digits(known) == digits)
    borrower = dataclasses.replace(
        case.borrower,
        phones=tuple(known for known in case.borrower.phones if known not in wrong),
        wrong_phones=(*case.borrower.wrong_phones, *wrong),
    )
    _replace_bank_part(conn, dataclasses.replace(case, borrower=borrower))


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())


def _replace_bank_part(conn: Connection, case: Case) -> None:
    text, body_hash = body_of(case)
    conn.execute(
        update(cases).where(cases.c.case_id == case.case_id).values(body=text, body_hash=body_hash)
    )
    grow_version(conn, case.case_id)


def add_hold(conn: Connection, case_id: str, hold: Hold) -> bool:
    """Stop collection on a case; False, with nothing changed, where this hold was set before."""
    known = conn.execute(select(holds.c.hold_id).where(holds.c.hold_id == hold.hold_id)).first()
    if known is not None:
        return False
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
    return True


def set_hold_until(conn: Connection, case_id: str, hold_id: str, until: datetime | None) -> None:
    """Say when an open hold ends by itself; None: when a person lifts it."""
    conn.execute(
        update(holds)
        .where(holds.c.hold_id == hold_id, holds.c.lifted_at.is_(None))
        .values(until=until)
    )
    grow_version(conn, case_id)


def lift_hold(conn: Connection, hold_id: str, *, at: datetime, by: str, reason: str) -> str | None:
    """End a hold by a person's decision; the id of its case, None where no such hold is open."""
    is_open = (holds.c.hold_id == hold_id, holds.c.lifted_at.is_(None))
    case_id = conn.execute(select(holds.c.case_id).where(*is_open)).scalar()
    if case_id is None:
        return None
    conn.execute(
        update(holds).where(*is_open).values(lifted_at=at, lifted_by=by, lifted_reason=reason)
    )
    close_reviews(conn, hold_id)
    grow_version(conn, case_id)
    return str(case_id)


def _open_holds(conn: Connection, case_ids: Sequence[str]) -> dict[str, list[Hold]]:
    rows = conn.execute(_OPEN_HOLDS, {"case_ids": list(case_ids)})
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
