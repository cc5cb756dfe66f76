"""Writes an agent's feed rows; positions come from the agent's counter row, taken last.

Call `publish` once, as the last write of a transaction: the counter row locks until commit, so a
reader can never see a later position before an earlier one (docs/explanation/sync).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.domain.codec import to_json
from fieldsync.sync.feed import FeedOp, FeedRow
from server.store.dialect import insert_into, upsert
from server.store.tables import agent_counters, agent_feed


@dataclass(frozen=True, slots=True)
class AgentChange:
    """One feed row for one agent (an officer's id)."""

    agent: str
    row: FeedRow


def publish(conn: Connection, changes: Iterable[AgentChange], at: datetime) -> None:
    """Number and store the changes; for a key given twice to one agent, the last wins."""
    by_agent: dict[str, dict[str, FeedRow]] = defaultdict(dict)
    for change in changes:
        by_agent[change.agent].pop(change.row.key, None)
        by_agent[change.agent][change.row.key] = change.row
    for agent in sorted(by_agent):
        rows = by_agent[agent]
        last = _take_numbers(conn, agent, len(rows))
        upsert(
            conn,
            agent_feed,
            [
                {
                    "agent": agent,
                    "key": row.key,
                    "fseq": last - len(rows) + 1 + index,
                    "op": row.op.value,
                    "version": row.version,
                    "body": None if row.op is FeedOp.REMOVE else to_json(row.body),
                    "at": at,
                }
                for index, row in enumerate(rows.values())
            ],
            keys=("agent", "key"),
        )


def _take_numbers(conn: Connection, agent: str, count: int) -> int:
    """The last of `count` fresh positions."""
    return int(
        conn.execute(
            insert_into(conn, agent_counters)
            .values(agent=agent, n=count)
            .on_conflict_do_update(index_elements=["agent"], set_={"n": agent_counters.c.n + count})
            .returning(agent_counters.c.n)
        ).scalar_one()
    )
