"""Works out which itinerary rows each officer's device must get or lose; the caller publishes them last."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key, split_key
from server.store.feed import AgentChange
from server.store.tables import agent_feed


def share_itineraries(
    conn: Connection, told: Sequence[Itinerary], current: Sequence[Itinerary]
) -> list[AgentChange]:
    """The `told` itineraries for both officers of their pairs, and off every other device.

    What a partner chose for a day goes with its former version. `current` are the live itineraries from today on: what else these officers hold is of a past
    day and leaves their devices too.
    """
    changes = []
    keys = [feed_key(KeyKind.ITINERARY, one.itinerary_id) for one in told]
    officers = {o.officer_id for one in told for o in one.officers}
    belongs = {
        (o.officer_id, feed_key(KeyKind.ITINERARY, one.itinerary_id))
        for one in current
        for o in one.officers
    }
    for agent, key, version in _held(conn, officers, keys):
        kind, name = split_key(key)
        day = feed_key(KeyKind.ITINERARY, name)
        if (agent, day) not in belongs or (kind == KeyKind.REPLAN and day in keys):
            changes.append(AgentChange(agent, FeedRow(key, FeedOp.REMOVE, version)))
    for key, itinerary in zip(keys, told, strict=True):
        row = FeedRow(key, FeedOp.PUT, itinerary.version, to_builtins(itinerary))
        changes += [AgentChange(officer.officer_id, row) for officer in itinerary.officers]
    return changes


def _held(
    conn: Connection, agents: Collection[str], keys: Sequence[str]
) -> list[tuple[str, str, int]]:
    """(agent, key, version) of itineraries and their orders on the agents' devices, or of these on any."""
    orders = [feed_key(KeyKind.REPLAN, split_key(key)[1]) for key in keys]
    on_devices = (agent_feed.c.agent.in_(sorted(agents))) | (agent_feed.c.key.in_([*keys, *orders]))
    is_day = agent_feed.c.key.startswith(feed_key(KeyKind.ITINERARY, ""))
    is_order = agent_feed.c.key.startswith(feed_key(KeyKind.REPLAN, ""))
    rows = conn.execute(
        select(agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version)
        .where(
            on_devices,
            agent_feed.c.op == FeedOp.PUT.value,
            is_day | is_order,
        )
        .order_by(agent_feed.c.agent, agent_feed.c.key)
    )
    return [(row.agent, row.key, row.version) for row in rows]
