"""Writes an agent's feed rows; positions come from the agent's counter row, taken last.

Call `publish` once, as the last write of a transaction: the counter row locks until commit, so a
reader can never see a later position before an earlier one (docs/explanation/sync). Under the same
lock the digest of the agent's live rows is kept in step, so that no pull ever counts them anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from fieldsync.domain.codec import to_json
from fieldsync.sync.digest import NO_ROWS, Digest, changed
from fieldsync.sync.feed import FeedOp, FeedRow
from server.store.chunks import chunks
from server.store.dialect import insert_into, upsert
from server.store.hold_spread import WAITING_FROM, Telling, keep_tellings, tellings_in
from server.store.tables import agent_counters, agent_feed

_STATE = select(agent_counters, WAITING_FROM.label("waiting_from")).where(
    agent_counters.c.agent == bindparam("agent")
)


@dataclass(frozen=True, slots=True)
class AgentChange:
    """One feed row for one agent (an officer's id)."""

    agent: str
    row: FeedRow


@dataclass(frozen=True, slots=True)
class FeedState:
    """An agent's counter row: the last position, what its live rows add up to, and what is pruned.

    `waiting_from` is the first position that tells a hold of which the agent is not known to know.
    """

    last: int
    digest: Digest
    floor: int
    waiting_from: int | None = None


def publish(conn: Connection, changes: Iterable[AgentChange], at: datetime) -> None:
    """Number and store the changes; for a key given twice to one agent, the last wins."""
    by_agent: dict[str, dict[str, FeedRow]] = defaultdict(dict)
    for change in changes:
        by_agent[change.agent].pop(change.row.key, None)
        by_agent[change.agent][change.row.key] = change.row
    told: list[Telling] = []
    for agent in sorted(by_agent):
        told += _publish_to(conn, agent, list(by_agent[agent].values()), at)
    # After the last counter is taken, so that no two writes wait for each other.
    keep_tellings(conn, told, at)


def state_of(conn: Connection, agent: str) -> FeedState:
    """How the agent's feed stands."""
    row = conn.execute(_STATE, {"agent": agent}).first()
    if row is None:
        return FeedState(0, NO_ROWS, 0)
    return FeedState(row.n, Digest(row.live, row.digest), row.floor, row.waiting_from)


def _publish_to(
    conn: Connection, agent: str, rows: Sequence[FeedRow], at: datetime
) -> list[Telling]:
    """Number and store an agent's rows; the holds that they tell of."""
    first = _take_numbers(conn, agent, len(rows)) - len(rows) + 1
    before = _live_versions(conn, agent, [row.key for row in rows])
    digest = changed(
        state_of(conn, agent).digest,
        gone=before.items(),
        come=((row.key, row.version) for row in rows if row.op is FeedOp.PUT),
    )
    upsert(
        conn,
        agent_feed,
        [
            {
                "agent": agent,
                "key": row.key,
                "fseq": first + index,
                "op": row.op.value,
                "version": row.version,
                "body": None if row.op is FeedOp.REMOVE else to_json(row.body),
                "at": at,
            }
            for index, row in enumerate(rows)
        ],
        keys=("agent", "key"),
    )
    conn.execute(
        update(agent_counters)
        .where(agent_counters.c.agent == agent)
        .values(live=digest.count, digest=digest.sum)
    )
    return [
        telling
        for index, row in enumerate(rows)
        for telling in tellings_in(agent, row, first + index)
    ]


def versions_of(conn: Connection, agent: str, keys: Sequence[str]) -> dict[str, int]:
    """The versions in which the agent was last told of these keys, put or removed."""
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        rows = conn.execute(
            select(agent_feed.c.key, agent_feed.c.version).where(
                agent_feed.c.agent == agent, agent_feed.c.key.in_(chunk)
            )
        )
        found |= {row.key: row.version for row in rows}
    return found


def _live_versions(conn: Connection, agent: str, keys: Sequence[str]) -> dict[str, int]:
    """The versions in which the agent holds these keys now; absent where it does not."""
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        rows = conn.execute(
            select(agent_feed.c.key, agent_feed.c.version).where(
                agent_feed.c.agent == agent,
                agent_feed.c.key.in_(chunk),
                agent_feed.c.op == FeedOp.PUT.value,
            )
        )
        found |= {row.key: row.version for row in rows}
    return found


def _take_numbers(conn: Connection, agent: str, count: int) -> int:
    """The last of `count` fresh positions; the counter's row stays locked until the end."""
    return int(
        conn.execute(
            insert_into(conn, agent_counters)
            .values(agent=agent, n=count)
            .on_conflict_do_update(index_elements=["agent"], set_={"n": agent_counters.c.n + count})
            .returning(agent_counters.c.n)
        ).scalar_one()
    )
