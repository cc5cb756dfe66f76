"""Refuses a rule pack that came unsigned or unreadable, and keeps the last good edition in force (G7)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent_cli.actions.trust import is_signed
from agent_cli.cipher import sqlite3
from agent_cli.store import packs
from agent_cli.store.packs import Cause, Refusal
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key

# No feed row has this version: the digests differ, so that the next exchange asks for the row again.
_ASK_AGAIN = 0


def settle_packs(
    conn: sqlite3.Connection,
    server_key: Ed25519PublicKey,
    before: Mapping[str, str],
    today: date,
) -> None:
    """Note what does not count of the rows just shown; `before` are the bodies that were in force.

    A pack whose signature fails may have been changed on the way: it is asked for again, once a day.
    """
    known = packs.noted(conn)
    refused: dict[str, Refusal] = {}
    for name, text in packs.sent(conn).items():
        cause = _cause(server_key, name, text)
        if cause is None:
            continue
        earlier = known.get(name)
        asked_on = None if earlier is None else earlier.asked_on
        refusal = Refusal(cause, packs.version_told(text), before.get(name), asked_on)
        if cause is Cause.UNSIGNED and asked_on != today:
            _ask_again(conn, name)
            refusal = replace(refusal, asked_on=today)
        refused[name] = refusal
    packs.note(conn, refused)


def _cause(server_key: Ed25519PublicKey, name: str, text: str) -> Cause | None:
    row = FeedRow(feed_key(KeyKind.RULESET, name), FeedOp.PUT, 0, json.loads(text))
    if not is_signed(server_key, row):
        return Cause.UNSIGNED
    pack = packs.readable(text)
    if pack is None:
        return Cause.UNREADABLE
    # A signed pack under another one's key would take that one's place.
    return None if pack.name == name else Cause.UNSIGNED


def _ask_again(conn: sqlite3.Connection, name: str) -> None:
    key = feed_key(KeyKind.RULESET, name)
    conn.execute("UPDATE mirror SET version = ? WHERE key = ?", (_ASK_AGAIN, key))
