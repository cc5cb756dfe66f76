"""Works out the rows every device of a branch needs beside its cases: rule packs, roster, mandate, and the keys to seal to."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from fieldsync.adapters.pack_files import Pack
from fieldsync.agreements.mandate import MANDATE_NAME, MANDATE_TAG, mandate_text
from fieldsync.domain import base64url
from fieldsync.domain.codec import to_json
from fieldsync.sync.certificates import (
    DOCUMENT_CA_NAME,
    DOCUMENT_CA_TAG,
    TEMPLATE_NAME,
    TEMPLATE_TAG,
)
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.lease import LEASE_NAME, LEASE_TAG
from fieldsync.sync.messages import RULESET_TAG
from fieldsync.sync.sealing import HARDSHIP_SEAL_NAME, SEAL_NAME, SEAL_TAG
from server.context import ServerContext
from server.security.text_keys import sign_text
from server.store.chunks import chunks
from server.store.dialect import one_at_a_time
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from server.store.meta import hardship_seal
from server.store.officers import people_of
from server.store.retrying import retried
from server.store.tables import agent_feed, devices, officers
from server.workflow.certify_device import document_authority


def share_reference(
    ctx: ServerContext, conn: Connection, branch: str, agents: Sequence[str]
) -> list[AgentChange]:
    """The changes that bring these officers' devices in step with packs, roster and seal key.

    A pack that is in force no more leaves them.
    """
    one_at_a_time(conn, "reference")
    packs = {feed_key(KeyKind.RULESET, p.ruleset.name): _pack_body(ctx, p) for p in ctx.packs}
    bodies = packs | {
        feed_key(KeyKind.ROSTER, branch): _roster_body(ctx, conn, branch),
        feed_key(KeyKind.SERVER, SEAL_NAME): _seal_body(ctx),
        feed_key(KeyKind.SERVER, MANDATE_NAME): _mandate_body(ctx),
        feed_key(KeyKind.SERVER, DOCUMENT_CA_NAME): _document_ca_body(ctx),
        feed_key(KeyKind.SERVER, LEASE_NAME): _lease_body(ctx),
    }
    # An empty text takes an earlier template back.
    template = ctx.config.agreement_template
    bodies[feed_key(KeyKind.SERVER, TEMPLATE_NAME)] = {
        "text": template,
        "sig": sign_text(ctx.keys.receipt, TEMPLATE_TAG, template),
    }
    hardship = hardship_seal(conn)
    if hardship is not None:
        bodies[feed_key(KeyKind.SERVER, HARDSHIP_SEAL_NAME)] = hardship
    return [*_differing(conn, agents, bodies), *_packs_gone(conn, agents, list(packs))]


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
    # What a branch's devices need is worked out once, however many they are.
    colleagues: dict[str, list[str]] = defaultdict(list)
    for row in enrolled:
        colleagues[row.branch].append(row.officer_id)
    return [
        change
        for branch, agents in colleagues.items()
        for change in share_reference(ctx, conn, branch, agents)
    ]


def _packs_gone(
    conn: Connection, agents: Sequence[str], kept: Sequence[str]
) -> Iterable[AgentChange]:
    for chunk in chunks(agents):
        rows = conn.execute(
            select(agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version).where(
                agent_feed.c.agent.in_(chunk),
                agent_feed.c.key.startswith(feed_key(KeyKind.RULESET, ""), autoescape=True),
                agent_feed.c.key.not_in(kept),
                agent_feed.c.op == FeedOp.PUT.value,
            )
        )
        for row in rows:
            yield AgentChange(row.agent, FeedRow(row.key, FeedOp.REMOVE, row.version))


def _pack_body(ctx: ServerContext, pack: Pack) -> Mapping[str, Any]:
    return {
        "name": pack.ruleset.name,
        "version": pack.ruleset.version,
        "toml": pack.text,
        "sig": sign_text(ctx.keys.receipt, RULESET_TAG, pack.text),
    }


def _seal_body(ctx: ServerContext) -> Mapping[str, Any]:
    key = base64url.encode(bytes(ctx.keys.seals[0].public_key))
    return {"key": key, "sig": sign_text(ctx.keys.receipt, SEAL_TAG, key)}


def _mandate_body(ctx: ServerContext) -> Mapping[str, Any]:
    text = mandate_text(ctx.config.mandate)
    return {"text": text, "sig": sign_text(ctx.keys.receipt, MANDATE_TAG, text)}


def _lease_body(ctx: ServerContext) -> Mapping[str, Any]:
    text = str(ctx.config.lease_days)
    return {"text": text, "sig": sign_text(ctx.keys.receipt, LEASE_TAG, text)}


def _document_ca_body(ctx: ServerContext) -> Mapping[str, Any]:
    pem = document_authority(ctx).pem
    return {"pem": pem, "sig": sign_text(ctx.keys.receipt, DOCUMENT_CA_TAG, pem)}


def _roster_body(ctx: ServerContext, conn: Connection, branch: str) -> Mapping[str, Any]:
    lender = {"name": ctx.config.lender.name, "phone": ctx.config.lender.phone}
    return {"branch": branch, "officers": people_of(conn, branch), "lender": lender}


def _differing(
    conn: Connection, agents: Sequence[str], bodies: Mapping[str, Mapping[str, Any]]
) -> Iterable[AgentChange]:
    texts = {key: to_json(body) for key, body in bodies.items()}
    for chunk in chunks(agents):
        rows = conn.execute(
            select(
                agent_feed.c.agent, agent_feed.c.key, agent_feed.c.version, agent_feed.c.body
            ).where(agent_feed.c.agent.in_(chunk), agent_feed.c.key.in_(list(bodies)))
        )
        held = {(row.agent, row.key): row for row in rows}
        for agent, key in itertools.product(chunk, bodies):
            row = held.get((agent, key))
            if row is None or row.body != texts[key]:
                version = row.version + 1 if row else 1
                yield AgentChange(agent, FeedRow(key, FeedOp.PUT, version, bodies[key]))
