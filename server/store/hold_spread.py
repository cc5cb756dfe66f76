"""Keeps how a stop on collection spreads: which feed row tells an agent of it, and when the agent had it.

An agent knows a hold once it shows a cursor at or past that row: by then the row has reached a
device of its and was kept there, so `known_at` is never too early.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, split_key
from server.store.conduct_tables import hold_spread
from server.store.dialect import insert_into

# The first feed row of an agent that tells a hold and is not known to have arrived.
WAITING_FROM = (
    select(func.min(hold_spread.c.fseq))
    .where(hold_spread.c.agent == bindparam("agent"), hold_spread.c.known_at.is_(None))
    .scalar_subquery()
)
_KNOWN = (
    update(hold_spread)
    .where(
        hold_spread.c.agent == bindparam("of_agent"),
        hold_spread.c.fseq <= bindparam("read_to"),
        hold_spread.c.known_at.is_(None),
    )
    .values(known_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One hold that a numbered feed row tells an agent of."""

    hold_id: str
    agent: str
    case_id: str
    fseq: int


def tellings_in(agent: str, row: FeedRow, fseq: int) -> Iterator[Telling]:
    """The holds that this row brings to the agent: those of a case file; none of anything else."""
    kind, case_id = split_key(row.key)
    if kind == KeyKind.CASE and row.op is FeedOp.PUT and row.body:
        for hold in row.body.get("holds", ()):
            yield Telling(hold["hold_id"], agent, case_id, fseq)


def keep_tellings(conn: Connection, told: Iterable[Telling], at: datetime) -> None:
    """Note who is being told; a hold told anew before it was known waits for the newer row.

    Each agent has one live row a case: the older row is gone from the feed.
    """
    rows = [
        {
            "hold_id": one.hold_id,
            "agent": one.agent,
            "case_id": one.case_id,
            "fseq": one.fseq,
            "at": at,
        }
        for one in sorted(told, key=lambda one: (one.agent, one.fseq, one.hold_id))
    ]
    if not rows:
        return
    statement = insert_into(conn, hold_spread)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["hold_id", "agent"],
            set_={"fseq": statement.excluded.fseq},
            where=hold_spread.c.known_at.is_(None),
        ),
        rows,
    )


def mark_known(conn: Connection, agent: str, read_to: int, at: datetime) -> None:
    """The agent has read its feed up to there, and so knows every hold told by then."""
    conn.execute(_KNOWN, {"of_agent": agent, "read_to": read_to, "now": at})
