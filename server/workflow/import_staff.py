"""Imports officers and their pairs in one transaction; a table with any problem changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from fieldsync.domain.codec import to_json
from fieldsync.domain.officer import Pair
from fieldsync.errors import InputError
from fieldsync.schemas.case_import import Source
from fieldsync.schemas.fault import Problem
from fieldsync.schemas.staff_import import STAFF_REQUIRED, StaffRead, read_staff
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.dialect import one_at_a_time, upsert
from server.store.engine import writing
from server.store.feed import publish
from server.store.retrying import retried
from server.store.tables import officers, pairs
from server.workflow.share_reference import news_for_all
from server.workflow.tabular import open_tables

_ACTOR = "import-staff"


@dataclass(frozen=True, slots=True)
class StaffReport:
    """What a staff import did; nothing where there are problems."""

    officers: int
    pairs_new: int
    pairs_changed: int
    pairs_unchanged: int
    problems: tuple[Problem, ...] = ()


@retried
def import_staff(server: ServerContext, path: Path) -> StaffReport:
    """Store the officers and pairs of a table; pairs that it does not name stay as they are.

    Enrolled devices learn of new colleagues at their next exchange.

    InputError 400.1x where the file cannot be used.
    """
    read = _read(path)
    if read.problems:
        return StaffReport(0, 0, 0, 0, read.problems)
    with writing(server.engine) as conn:
        one_at_a_time(conn, "office")
        before = _stored(conn, [pair.pair_id for pair in read.pairs])
        fresh = {pair.pair_id: to_json(pair) for pair in read.pairs}
        _save(conn, read.pairs)
        report = StaffReport(
            officers=2 * len(read.pairs),
            pairs_new=len(fresh.keys() - before.keys()),
            pairs_changed=sum(1 for key in before if fresh[key] != before[key]),
            pairs_unchanged=sum(1 for key in before if fresh[key] == before[key]),
        )
        record(
            conn,
            at=server.clock.now(),
            actor=_ACTOR,
            action="staff.import",
            subject=path.name,
            detail={"pairs_new": report.pairs_new, "pairs_changed": report.pairs_changed},
        )
        publish(conn, news_for_all(server, conn), server.clock.now())
    return report


def _read(path: Path) -> StaffRead:
    table = open_tables(path)[0]
    titles = [title.strip().lower() for title in table.header]
    missing = [column for column in STAFF_REQUIRED if column not in titles]
    if missing:
        raise InputError(
            "400.13",
            words(
                "{file} lacks the columns {columns}, which {table} need.",
                file=path.name,
                columns=", ".join(missing),
                table="staff",
            ),
            words("docs/how-to/import-a-case-book.md lists the columns."),
        )
    return read_staff(list(table.rows()), table.header, Source(path.name, table.sheet))


def _stored(conn: Connection, pair_ids: Sequence[str]) -> dict[str, str]:
    rows = conn.execute(select(pairs.c.pair_id, pairs.c.body))
    wanted = set(pair_ids)
    return {row.pair_id: row.body for row in rows if row.pair_id in wanted}


def _save(conn: Connection, read: Sequence[Pair]) -> None:
    people = [
        {"officer_id": officer.officer_id, "branch": officer.branch, "name": officer.name}
        for pair in read
        for officer in pair.officers
    ]
    upsert(conn, officers, people, keys=("officer_id",))
    rows = [
        {
            "pair_id": pair.pair_id,
            "branch": pair.branch,
            "first_officer": pair.officers[0].officer_id,
            "second_officer": pair.officers[1].officer_id,
            "body": to_json(pair),
        }
        for pair in read
    ]
    upsert(conn, pairs, rows, keys=("pair_id",))
