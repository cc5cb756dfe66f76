"""Counts failed tries to sign in, by whom they were for and where they came from."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from server.store.account_tables import sign_in_tries
from server.store.dialect import insert_into

Tries = tuple[int, datetime]


def tries_of(conn: Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Tries]:
    """How many failed and when the last one did, for those of the pairs that have any."""
    found: dict[tuple[str, str], Tries] = {}
    for who, source in pairs:
        row = conn.execute(
            select(sign_in_tries.c.count, sign_in_tries.c.last_at).where(_of(who, source))
        ).first()
        if row is not None:
            found[who, source] = (row[0], row.last_at)
    return found


def tries_held(
    conn: Connection, pairs: Iterable[tuple[str, str]], at: datetime
) -> dict[tuple[str, str], Tries]:
    """The same, one row for each pair, locked: of many at once each finds what those before it left."""
    found: dict[tuple[str, str], Tries] = {}
    for who, source in pairs:
        row = {"who": who, "source": source, "count": 0, "last_at": at}
        statement = insert_into(conn, sign_in_tries).values(row)
        held = statement.on_conflict_do_update(
            index_elements=["who", "source"], set_={"count": sign_in_tries.c.count}
        ).returning(sign_in_tries.c.count, sign_in_tries.c.last_at)
        told = conn.execute(held).one()
        found[who, source] = (told[0], told.last_at)
    return found


def note_failure(conn: Connection, who: str, source: str, at: datetime, since: datetime) -> None:
    """One more failed; those from before `since` are forgotten first."""
    conn.execute(delete(sign_in_tries).where(sign_in_tries.c.last_at < since))
    row = {"who": who, "source": source, "count": 1, "last_at": at}
    statement = insert_into(conn, sign_in_tries).values(row)
    more = {"count": sign_in_tries.c.count + 1, "last_at": at}
    conn.execute(statement.on_conflict_do_update(index_elements=["who", "source"], set_=more))


def forget_tries(conn: Connection, who: str, source: str) -> None:
    """Somebody signed in from there: what failed before was a slip."""
    conn.execute(delete(sign_in_tries).where(_of(who, source)))


def take_back(conn: Connection, who: str, source: str) -> None:
    """One of them was no failure."""
    less = update(sign_in_tries).where(_of(who, source))
    conn.execute(less.values(count=sign_in_tries.c.count - 1))


def _of(who: str, source: str) -> ColumnElement[bool]:
    return and_(sign_in_tries.c.who == who, sign_in_tries.c.source == source)
