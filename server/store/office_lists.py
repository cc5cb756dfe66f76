"""Reads what the office's pages list: holds that are open, devices, and the branch of each thing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, true, union

from fieldsync.domain.case import HoldKind
from server.store.tables import cases, devices, holds, officers


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A hold that stops collection now, and the branch of its case."""

    hold_id: str
    case_id: str
    branch: str
    kind: HoldKind
    since: datetime


@dataclass(frozen=True, slots=True)
class OfficeDevice:
    """A device that is not shut out, its officer and their branch."""

    device_id: str
    name: str
    officer: str
    branch: str
    last_seen_at: datetime | None


_HOLDS = select(holds, cases.c.branch).join(cases, cases.c.case_id == holds.c.case_id)
_DEVICES = select(devices, officers.c.branch, officers.c.name.label("officer")).join(
    officers, officers.c.officer_id == devices.c.officer_id
)


def open_holds(
    conn: Connection, at: datetime, branches: Collection[str] | None, most: int
) -> list[OpenHold]:
    """Holds that a person may lift, of these branches (None: of all), the newest first."""
    query = _HOLDS.where(
        holds.c.lifted_at.is_(None),
        or_(holds.c.until.is_(None), holds.c.until > at),
        # The stop of a plan that is being kept ends with the plan.
        holds.c.kind != HoldKind.AGREEMENT.value,
        _within(cases.c.branch, branches),
    )
    rows = conn.execute(query.order_by(holds.c.since.desc(), holds.c.hold_id).limit(most))
    return [
        OpenHold(row.hold_id, row.case_id, row.branch, HoldKind(row.kind), row.since)
        for row in rows
    ]


def open_hold(conn: Connection, hold_id: str) -> OpenHold | None:
    """The hold, or None where it is not open."""
    row = conn.execute(
        _HOLDS.where(holds.c.hold_id == hold_id, holds.c.lifted_at.is_(None))
    ).first()
    if row is None:
        return None
    return OpenHold(row.hold_id, row.case_id, row.branch, HoldKind(row.kind), row.since)


def office_devices(
    conn: Connection, branches: Collection[str] | None, device_id: str | None = None
) -> list[OfficeDevice]:
    """Devices that are not shut out, of these branches (None: of all), or the one with this id."""
    query = _DEVICES.where(
        devices.c.revoked_from_seq.is_(None), _within(officers.c.branch, branches)
    )
    if device_id is not None:
        query = query.where(devices.c.device_id == device_id)
    rows = conn.execute(query.order_by(officers.c.branch, officers.c.name, devices.c.device_id))
    return [
        OfficeDevice(row.device_id, row.name, row.officer, row.branch, row.last_seen_at)
        for row in rows
    ]


def branches_of_cases(conn: Connection, case_ids: Collection[str]) -> dict[str, str]:
    """The branch of each of these cases; unknown ones are absent."""
    query = select(cases.c.case_id, cases.c.branch).where(cases.c.case_id.in_(sorted(case_ids)))
    return {row.case_id: row.branch for row in conn.execute(query)}


def branches_of_officers(conn: Connection) -> dict[str, str]:
    """The branch of each officer."""
    rows = conn.execute(select(officers.c.officer_id, officers.c.branch))
    return {row.officer_id: row.branch for row in rows}


def all_branches(conn: Connection) -> list[str]:
    """Every branch that has an officer or a case."""
    both = union(select(officers.c.branch), select(cases.c.branch))
    return sorted(str(branch) for branch in conn.execute(both).scalars())


def _within(column: ColumnElement[str], branches: Collection[str] | None) -> ColumnElement[bool]:
    return true() if branches is None else column.in_(sorted(branches))
