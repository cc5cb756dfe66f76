"""Answers a device whose rows differ: the buckets that do, whole and from one snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from fieldsync.domain.codec import from_json
from fieldsync.sync.digest import BUCKETS, Digest, bucket_of, digest_of
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import PAGE_ROWS, RepairResponse
from server.context import ServerContext
from server.store.chunks import chunks
from server.store.engine import reading
from server.store.tables import agent_feed


def repair(ctx: ServerContext, agent: str, theirs: Sequence[Digest]) -> RepairResponse:
    """Every live row of the first buckets whose digest is not the device's.

    Whole buckets, at least one, and as many as PAGE_ROWS rows hold; a bucket that has no row here is
    named all the same, so that the device empties its own.
    """
    with reading(ctx.engine) as conn:
        ours = _live_rows(conn, agent)
        differing = [n for n in range(BUCKETS) if digest_of(ours[n]) != theirs[n]]
        chosen = _first_page(differing, {n: len(ours[n]) for n in differing})
        keys = [key for n in chosen for key, _version in ours[n]]
        rows = tuple(_rows(conn, agent, keys))
    return RepairResponse(tuple(chosen), rows, complete=len(chosen) == len(differing))


def _live_rows(conn: Connection, agent: str) -> dict[int, list[tuple[str, int]]]:
    """(key, version) of what the agent holds, by bucket."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    query = select(agent_feed.c.key, agent_feed.c.version).where(
        agent_feed.c.agent == agent, agent_feed.c.op == FeedOp.PUT.value
    )
    for row in conn.execute(query):
        found[bucket_of(row.key)].append((row.key, row.version))
    return found


def _first_page(differing: Sequence[int], sizes: dict[int, int]) -> list[int]:
    chosen: list[int] = []
    count = 0
    for bucket in differing:
        count += sizes[bucket]
        if chosen and count > PAGE_ROWS:
            break
        chosen.append(bucket)
    return chosen


def _rows(conn: Connection, agent: str, keys: Sequence[str]) -> Iterable[FeedRow]:
    for chunk in chunks(keys):
        found = conn.execute(
            select(agent_feed)
            .where(agent_feed.c.agent == agent, agent_feed.c.key.in_(chunk))
            .order_by(agent_feed.c.fseq)
        )
        for row in found:
            yield FeedRow(row.key, FeedOp.PUT, row.version, from_json(row.body, dict))
