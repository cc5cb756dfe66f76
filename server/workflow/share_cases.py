"""Works out which case rows each officer's device must get or lose; the caller publishes them last."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.masking import masked
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from server.store.assignments import officers_of
from server.store.cases import load_cases, lock_cases
from server.store.chunks import chunks
from server.store.feed import AgentChange
from server.store.tables import agent_feed


def share_cases(conn: Connection, case_ids: Sequence[str]) -> list[AgentChange]:
    """The changes that bring every device in step with these cases as they stand in this transaction.

    A case is PUT (identity number masked) for each officer with an open assignment who lacks its
    present version, and REMOVEd for each officer who holds it without one. Hand the result to
    `server.store.feed.publish` as the last write of the transaction.
    """
    lock_cases(conn, case_ids)
    owners = officers_of(conn, case_ids)
    held = _held(conn, case_ids)
    changes = [
        AgentChange(agent, FeedRow(feed_key(KeyKind.CASE, case_id), FeedOp.REMOVE, version))
        for case_id, agents in held.items()
        for agent, version in agents.items()
        if agent not in owners.get(case_id, ())
    ]
    for case_id, case in load_cases(conn, sorted(owners)).items():
        behind = [a for a in owners[case_id] if held.get(case_id, {}).get(a) != case.version]
        if behind:
            key = feed_key(KeyKind.CASE, case_id)
            row = FeedRow(key, FeedOp.PUT, case.version, to_builtins(masked(case)))
            changes += [AgentChange(agent, row) for agent in behind]
    return changes


def _held(conn: Connection, case_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By case id: the agents whose devices hold it, and in which version."""
    found: dict[str, dict[str, int]] = {}
    prefix = len(feed_key(KeyKind.CASE, ""))
    for chunk in chunks(case_ids):
        keys = [feed_key(KeyKind.CASE, case_id) for case_id in chunk]
        rows = conn.execute(
            select(agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version).where(
                agent_feed.c.key.in_(keys), agent_feed.c.op == FeedOp.PUT.value
            )
        )
        for row in rows:
            found.setdefault(row.key[prefix:], {})[row.agent] = row.version
    return found
