"""Works out the rows every device of a branch needs beside its cases: rule packs and the roster."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from fieldsync.adapters.builtin_rulesets import DEFAULT_PACKS, builtin_ruleset, pack_text
from fieldsync.domain.codec import to_json
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.messages import RULESET_TAG
from server.context import ServerContext
from server.security.text_keys import sign_text
from server.store.dialect import one_at_a_time
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from server.store.retrying import retried
from server.store.tables import agent_feed, devices, officers


def share_reference(
    ctx: ServerContext, conn: Connection, branch: str, agents: Sequence[str]
) -> list[AgentChange]:
    """The changes that bring these officers' devices in step with the rule packs and the roster."""
    one_at_a_time(conn, "reference")
    bodies = {feed_key(KeyKind.RULESET, name): _pack_body(ctx, name) for name in DEFAULT_PACKS} | {
        feed_key(KeyKind.ROSTER, branch): _roster_body(ctx, conn, branch)
    }
    return [change for agent in agents for change in _differing(conn, agent, bodies)]


@retried
def share_reference_with_all(ctx: ServerContext) -> int:
    """Tell every enrolled officer of new packs or colleagues; how many rows that took."""
    with writing(ctx.engine) as conn:
        changes = news_for_all(ctx, conn)
        publish(conn, changes, ctx.clock.now())
    return len(changes)


def news_for_all(ctx: ServerContext, conn: Connection) -> list[AgentChange]:
    """The changes that bring every enrolled officer's devices in step with packs and roster."""
    enrolled = conn.execute(
        select(officers.c.branch, officers.c.officer_id)
        .join(devices, devices.c.officer_id == officers.c.officer_id)
        .distinct()
    ).all()
    return [
        change
        for row in enrolled
        for change in share_reference(ctx, conn, row.branch, [row.officer_id])
    ]


def _pack_body(ctx: ServerContext, name: str) -> Mapping[str, Any]:
    text = pack_text(name)
    return {
        "name": name,
        "version": builtin_ruleset(name).version,
        "toml": text,
        "sig": sign_text(ctx.keys.receipt, RULESET_TAG, text),
    }


def _roster_body(ctx: ServerContext, conn: Connection, branch: str) -> Mapping[str, Any]:
    rows = conn.execute(
        select(officers).where(officers.c.branch == branch).order_by(officers.c.officer_id)
    )
    people = [{"officer_id": r.officer_id, "name": r.name, "branch": r.branch} for r in rows]
    lender = {"name": ctx.config.lender.name, "phone": ctx.config.lender.phone}
    return {"branch": branch, "officers": people, "lender": lender}


def _differing(
    conn: Connection, agent: str, bodies: Mapping[str, Mapping[str, Any]]
) -> Iterable[AgentChange]:
    rows = conn.execute(
        select(agent_feed).where(agent_feed.c.agent == agent, agent_feed.c.key.in_(list(bodies)))
    )
    held = {row.key: row for row in rows}
    for key, body in bodies.items():
        row = held.get(key)
        if row is None or row.body != to_json(body):
            version = row.version + 1 if row else 1
            yield AgentChange(agent, FeedRow(key, FeedOp.PUT, version, body))
