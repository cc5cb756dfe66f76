"""The last time a server told, and whether this device's clock can be believed beside it.

A wrong clock must not open a closed hour: time is judged by the last server time plus the monotonic
clock, which nobody can set back.
"""

from datetime import datetime, timedelta

from agent_cli.cipher import sqlite3
from agent_cli.store import meta
from fieldsync.adapters.clock import TrainingClock
from fieldsync.ports import Clock

TOLERANCE = timedelta(minutes=5)
# Since when the cases are gone that were not synced in time; any word of the server begins a new lease.
LEASE_ENDED = "lease_ended"


def note_server_time(conn: sqlite3.Connection, server_time: datetime, clock: Clock) -> None:
    """Keep what the server said beside this device's own readings, in the caller's transaction."""
    meta.remove(conn, LEASE_ENDED)
    meta.write(
        conn,
        {
            "last_server_time": server_time.isoformat(),
            "last_server_monotonic_ms": str(clock.monotonic_ms()),
            "last_server_boot": clock.boot_id(),
            "last_exchange_at": clock.now().isoformat(),
        },
    )


def clock_error(conn: sqlite3.Connection, clock: Clock) -> timedelta | None:
    """How far this device's clock is off beyond the tolerance (behind: negative); None where it is fine.

    Within one boot the monotonic clock tells how late it must be; after a new boot only a clock
    before the last server time is known to be wrong.
    """
    facts = meta.read_all(conn)
    told = facts.get("last_server_time")
    if told is None:
        return None
    server_time = datetime.fromisoformat(told)
    now = clock.now()
    if facts["last_server_boot"] == clock.boot_id() and not isinstance(clock, TrainingClock):
        passed = clock.monotonic_ms() - int(facts["last_server_monotonic_ms"])
        error = now - (server_time + timedelta(milliseconds=passed))
        return error if abs(error) > TOLERANCE else None
    error = now - server_time
    return error if error < -TOLERANCE else None
