"""The device's lease: cases that were not synced for as many days as the bank says leave it by themselves.

Records are never lost by it: what the server has not confirmed stays and goes up at the next exchange. Time
is the server's last word plus this device's clocks: within one boot the one that nobody can set back, after
a new boot the one on the wall. A clock set back within the lease prolongs it; one from before the last
exchange keeps visits from starting (`clock_readings`).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from agent_cli.cipher import sqlite3
from agent_cli.store import meta, mirror
from agent_cli.store.clock_readings import LEASE_ENDED
from agent_cli.store.database import empty_wal, writing
from fieldsync.adapters.clock import TrainingClock
from fieldsync.ports import Clock
from fieldsync.sync.feed import KeyKind, feed_key
from fieldsync.sync.lease import LEASE_NAME, ends_soon, lease_days, lease_end
from fieldsync.words import Words, words

_KEY = feed_key(KeyKind.SERVER, LEASE_NAME)
_STAYS = (f"{KeyKind.SERVER}:", f"{KeyKind.ROSTER}:", f"{KeyKind.RULESET}:")


def keep_lease(
    conn: sqlite3.Connection, facts: Mapping[str, str], clock: Clock, *, is_way_out: bool
) -> Words | None:
    """Let the cases go where their lease has ended; what to tell the officer, if anything.

    Nobody is left at a door: while a visit is under way its cases stay.
    """
    if facts.get(LEASE_ENDED):
        return _ended()
    end = end_of_lease(conn, facts)
    if end is None:
        return None
    now = _now(facts, clock)
    if now < end:
        if not ends_soon(end, now):
            return None
        return words(
            "Sync before {time}: then the cases leave this device by themselves.",
            time=f"{end:%Y-%m-%d %H:%M}",
        )
    return None if is_way_out else _let_go(conn, end)


def _let_go(conn: sqlite3.Connection, end: datetime) -> Words | None:
    # `today` waits for none of these.
    from agent_cli.store import staging, visits
    from agent_cli.store.applying import remove_all_but

    if visits.running(conn) is not None:
        return None
    with writing(conn):
        held = (row["key"] for row in conn.execute("SELECT key FROM mirror"))
        remove_all_but(conn, frozenset(key for key in held if key.startswith(_STAYS)))
        staging.start_over(conn)
        meta.remove(conn, "cursor")
        meta.write(conn, {LEASE_ENDED: end.isoformat()})
    empty_wal(conn)
    return _ended()


def end_of_lease(conn: sqlite3.Connection, facts: Mapping[str, str]) -> datetime | None:
    """When it ends; None where the server sets none, or this device has never synced."""
    told = facts.get("last_server_time")
    body = json.loads(mirror.body(conn, _KEY) or "null")
    days = lease_days(str(body.get("text", ""))) if isinstance(body, dict) else None
    return None if told is None or days is None else lease_end(datetime.fromisoformat(told), days)


def _now(facts: Mapping[str, str], clock: Clock) -> datetime:
    """The later of what the wall clock and the monotonic one make of it."""
    now = clock.now()
    same_boot = facts.get("last_server_boot") == clock.boot_id()
    if isinstance(clock, TrainingClock) or not same_boot:
        return now
    passed = clock.monotonic_ms() - int(facts["last_server_monotonic_ms"])
    told = datetime.fromisoformat(facts["last_server_time"])
    return max(now, told + timedelta(milliseconds=passed))


def _ended() -> Words:
    return words(
        "This device was not synced for too long, so its cases have left it. Your records are kept."
        " Run `fieldsync sync`: the cases come back."
    )
