"""Reads the pairs of a branch, and which branches there are."""

from sqlalchemy import Connection, select, union

from fieldsync.domain.codec import from_json
from fieldsync.domain.officer import Pair
from server.store.tables import cases, officers, pairs


def load_pairs(conn: Connection, branch: str) -> list[Pair]:
    """The pairs of a branch, by id."""
    bodies = conn.execute(
        select(pairs.c.body).where(pairs.c.branch == branch).order_by(pairs.c.pair_id)
    )
    return [from_json(body, Pair) for body in bodies.scalars()]


def zone_of_branch(conn: Connection, branch: str) -> str:
    """The time zone a branch works in: its first pair's; Shanghai's where it has none yet."""
    found = load_pairs(conn, branch)
    return found[0].zone if found else "Asia/Shanghai"


def known_branches(conn: Connection) -> tuple[str, ...]:
    """Every branch that has officers or cases."""
    found = conn.execute(union(select(officers.c.branch), select(cases.c.branch)))
    return tuple(sorted(found.scalars()))


def colleagues_of(conn: Connection, officer_id: str) -> frozenset[str]:
    """The officers of this officer's branch, themselves included."""
    branch = select(officers.c.branch).where(officers.c.officer_id == officer_id).scalar_subquery()
    found = conn.execute(select(officers.c.officer_id).where(officers.c.branch == branch))
    return frozenset(found.scalars())


def officer_names(conn: Connection) -> dict[str, str]:
    """The names of all officers, by id."""
    rows = conn.execute(select(officers.c.officer_id, officers.c.name))
    return {row.officer_id: row.name for row in rows}
