"""Keeps notices of visits: written, sent, answered, withdrawn; those given are part of the case."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from fieldsync.domain.case import Case, VisitNotice
from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.notice import Notice, NoticeState
from server.store.conduct_tables import notices
from server.store.dialect import locked

_GIVEN = (
    select(notices.c.case_id, notices.c.given_at, notices.c.body)
    .where(
        notices.c.case_id.in_(bindparam("case_ids", expanding=True)),
        notices.c.given_at.is_not(None),
    )
    .order_by(notices.c.given_at, notices.c.notice_id)
)
_ID_CHARACTERS = 36
_UNSENT = (NoticeState.WRITTEN.value, NoticeState.REFUSED.value)


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as it lies in the store."""

    notice: Notice
    branch: str
    day: date
    channel: str
    state: NoticeState
    written_at: datetime
    given_at: datetime | None
    packs: Mapping[str, str]


def add_notice(conn: Connection, stored: StoredNotice) -> None:
    """Keep a notice that was just written."""
    conn.execute(
        insert(notices).values(
            notice_id=stored.notice.notice_id,
            case_id=stored.notice.case_id,
            branch=stored.branch,
            day=stored.day,
            channel=stored.channel,
            state=stored.state.value,
            written_at=stored.written_at,
            given_at=stored.given_at,
            packs=to_json(stored.packs),
            body=to_json(stored.notice),
        )
    )


def save_notice(conn: Connection, stored: StoredNotice) -> None:
    """Keep what changed of a notice: its state, when it was given, its body."""
    conn.execute(
        update(notices)
        .where(notices.c.notice_id == stored.notice.notice_id)
        .values(
            channel=stored.channel,
            state=stored.state.value,
            given_at=stored.given_at,
            packs=to_json(stored.packs),
            body=to_json(stored.notice),
        )
    )


def find_notices(
    conn: Connection,
    *,
    branch: str | None = None,
    day: date | None = None,
    states: Collection[NoticeState] = (),
) -> list[StoredNotice]:
    """Notices by day and id, as far as the filters say."""
    asked: list[ColumnElement[bool]] = []
    if branch is not None:
        asked.append(notices.c.branch == branch)
    if day is not None:
        asked.append(notices.c.day == day)
    if states:
        asked.append(notices.c.state.in_(sorted(state.value for state in states)))
    rows = conn.execute(select(notices).where(*asked).order_by(notices.c.day, notices.c.notice_id))
    return [_stored(row) for row in rows]


def notice_locked(conn: Connection, notice_id: str) -> StoredNotice:
    """One notice that is known to be there, kept from other writes until this one ends."""
    query = select(notices).where(notices.c.notice_id == notice_id)
    return _stored(conn.execute(locked(conn, query, notices)).one())


def notices_named(conn: Connection, tail: str) -> list[StoredNotice]:
    """The notices with this id, or whose id ends so."""
    # A whole id is found by the key; the end of one needs a look at every notice.
    is_whole = len(tail) == _ID_CHARACTERS
    ends_so = notices.c.notice_id.endswith(tail, autoescape=True)
    asked = notices.c.notice_id == tail if is_whole else ends_so
    rows = conn.execute(select(notices).where(asked).order_by(notices.c.notice_id))
    return [_stored(row) for row in rows]


def withdraw_for_case(conn: Connection, case_id: str) -> int:
    """Take back every notice of the case that has not gone out; how many there were.

    Called in the transaction in which a hold arrives: nobody is announced a visit that is stopped.
    """
    taken_back = conn.execute(
        update(notices)
        .where(notices.c.case_id == case_id, notices.c.state.in_(_UNSENT))
        .values(state=NoticeState.WITHDRAWN.value)
    )
    return taken_back.rowcount


def with_notices(conn: Connection, cases: Mapping[str, Case]) -> dict[str, Case]:
    """These cases with the notices that were given, and the time that was chosen in answer to one."""
    found: dict[str, list[VisitNotice]] = defaultdict(list)
    changed: dict[str, Case] = {}
    for row in conn.execute(_GIVEN, {"case_ids": list(cases)}):
        notice = from_json(row.body, Notice)
        found[row.case_id].append(VisitNotice(notice.notice_id, row.given_at, notice.window))
        case = changed.get(row.case_id, cases[row.case_id])
        changed[row.case_id] = _as_answered(case, cases[row.case_id], notice)
    return {
        case_id: replace(case, notices=tuple(found[case_id])) for case_id, case in changed.items()
    }


def _as_answered(case: Case, booked: Case, notice: Notice) -> Case:
    """The case with the time chosen in answer, unless the bank's book has changed its own since."""
    answer = notice.answer
    if answer is None or answer.appointment is None or answer.instead_of != booked.appointment:
        return case
    return replace(case, appointment=answer.appointment)


def _stored(row: Row[tuple[object, ...]]) -> StoredNotice:
    return StoredNotice(
        from_json(row.body, Notice),
        row.branch,
        row.day,
        row.channel,
        NoticeState(row.state),
        row.written_at,
        row.given_at,
        from_json(row.packs, dict[str, str]),
    )
