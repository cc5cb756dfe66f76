"""Finds and deletes what the feed need not remember any longer, a bounded number of rows at a time.

Conditions are written as the index `ix_agent_feed_prunable` has them: SQLite uses a partial index
only for a condition that it can see is the same.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, func, literal_column, select, update

from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.outcome import OutcomeKind
from server.store.feed import AgentChange
from server.store.tables import agent_counters, agent_feed, operations

_REMOVALS_AT_ONCE = 500
_RESULTS_AT_ONCE = 1000
_FINAL = (OutcomeKind.ACCEPTED.value, OutcomeKind.REJECTED.value)
_IS_REMOVED = agent_feed.c.op == literal_column("'REMOVE'")
_PREFIX = feed_key(KeyKind.OP_RESULT, "")
_IS_RESULT = func.substr(
    agent_feed.c.key, literal_column("1"), literal_column(str(len(_PREFIX)))
) == literal_column(f"'{_PREFIX}'")
_RAISE_FLOOR = (
    update(agent_counters)
    .where(agent_counters.c.agent == bindparam("of_agent"))
    .values(
        floor=case(
            (agent_counters.c.floor < bindparam("pruned"), bindparam("pruned")),
            else_=agent_counters.c.floor,
        )
    )
)


def settled_results(conn: Connection, before: datetime) -> list[AgentChange]:
    """Removals of results told before then whose operations are decided for good, the oldest first."""
    rows = conn.execute(
        select(agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version)
        .join(operations, operations.c.op_id == func.substr(agent_feed.c.key, len(_PREFIX) + 1))
        .where(
            _IS_RESULT,
            agent_feed.c.op == FeedOp.PUT.value,
            agent_feed.c.at < before,
            operations.c.outcome.in_(_FINAL),
        )
        .order_by(agent_feed.c.at)
        .limit(_RESULTS_AT_ONCE)
    )
    return [AgentChange(row.agent, FeedRow(row.key, FeedOp.REMOVE, row.version)) for row in rows]


def drop_removals(conn: Connection, before: datetime) -> int:
    """Delete the oldest removals of some agents and raise their floors; how many rows went.

    Each agent's counter row is locked first, as for every publication.
    """
    is_old = (_IS_REMOVED, agent_feed.c.at < before)
    oldest = select(agent_feed.c.agent).where(*is_old).order_by(agent_feed.c.at)
    agents = sorted(set(conn.execute(oldest.limit(_REMOVALS_AT_ONCE)).scalars()))
    _lock(conn, agents)
    theirs = (*is_old, agent_feed.c.agent.in_(agents))
    highest = select(agent_feed.c.agent, func.max(agent_feed.c.fseq)).where(*theirs)
    floors = [
        {"of_agent": agent, "pruned": fseq}
        for agent, fseq in conn.execute(highest.group_by(agent_feed.c.agent))
    ]
    if not floors:
        return 0
    conn.execute(_RAISE_FLOOR, floors)
    return conn.execute(delete(agent_feed).where(*theirs)).rowcount


def _lock(conn: Connection, agents: Sequence[str]) -> None:
    """In the order in which publications take them."""
    query = select(agent_counters.c.agent).where(agent_counters.c.agent.in_(agents))
    conn.execute(query.order_by(agent_counters.c.agent).with_for_update())
