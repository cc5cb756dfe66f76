"""Examines a server and says of each part whether it is well, and what to do where it is not."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from fieldsync.domain.check import Check, Level
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.words import words
from server.context import ServerContext
from server.store.engine import reading
from server.store.migrate import newest_revision, stored_revision
from server.store.operations import find_operations
from server.store.postgresql import settings_that_forget
from server.store.tables import audit, forks
from server.workflow.break_glass import check_glass
from server.workflow.check_quarantine import check_quarantine
from server.workflow.examine_audit import check_audit
from server.workflow.examine_files import check_files
from server.workflow.examine_rules import check_rules
from server.workflow.examine_sync import check_early, check_epoch
from server.workflow.examine_visits import check_visits
from server.workflow.travel_times import check_roads

_LEAST_FREE_BYTES = 1 << 30
_HELD_LIMIT = timedelta(days=2)
_OTHERS = 0o077


def examine(ctx: ServerContext) -> tuple[Check, ...]:
    """Every part, in the order a person would look."""
    return (
        _store(ctx),
        _revision(ctx),
        _keys(ctx),
        check_rules(ctx),
        check_files(ctx),
        _disk(ctx),
        _clock(ctx),
        _held(ctx),
        _forks(ctx),
        check_quarantine(ctx),
        check_early(ctx),
        check_visits(ctx),
        check_epoch(ctx),
        check_audit(ctx),
        check_roads(ctx),
        check_glass(ctx),
    )


def _store(ctx: ServerContext) -> Check:
    if ctx.engine.dialect.name != "sqlite":
        return _postgresql(ctx)
    with reading(ctx.engine) as conn:
        said = str(conn.execute(text("PRAGMA quick_check")).scalar())
    if said == "ok":
        return Check("store", Level.OK, words("The store is whole."))
    return Check(
        "store",
        Level.FAIL,
        words("The store is damaged: {reason}", reason=said[:200]),
        words("Stop the server and restore your last backup; devices send again what it lacks."),
    )


def _postgresql(ctx: ServerContext) -> Check:
    with reading(ctx.engine) as conn:
        careless = settings_that_forget(conn)
    if careless:
        return Check(
            "store",
            Level.FAIL,
            words(
                "PostgreSQL may forget what devices were told is kept: {settings}.",
                settings=", ".join(f"{name} = off" for name in careless),
            ),
            words("Switch these settings of PostgreSQL on."),
        )
    return Check("store", Level.OK, words("The store answers."))


def _revision(ctx: ServerContext) -> Check:
    stored, newest = stored_revision(ctx.engine), newest_revision()
    if stored == newest:
        return Check("revision", Level.OK, words("The store is of this version."))
    return Check(
        "revision",
        Level.FAIL,
        words("The store is of version {stored}, not {newest}.", stored=stored, newest=newest),
        words("Run any command of this version once; it brings the store up to date."),
    )


def _keys(ctx: ServerContext) -> Check:
    open_ones = [p.name for p in sorted(ctx.config.keys.iterdir()) if _is_open(p)]
    if open_ones:
        return Check(
            "keys",
            Level.FAIL,
            words("Others may read the server's keys: {names}.", names=", ".join(open_ones)),
            words("Run `chmod 600` on them."),
        )
    return Check("keys", Level.OK, words("Only the owner may read the keys."))


def _is_open(path: Path) -> bool:
    """Whether others may read the file; systems without such bits (Windows) do not say."""
    return os.name == "posix" and bool(path.stat().st_mode & _OTHERS)


def _disk(ctx: ServerContext) -> Check:
    free = shutil.disk_usage(ctx.config.home).free
    told = words("{free} MB are free.", free=free >> 20)
    if free < _LEAST_FREE_BYTES:
        return Check("disk", Level.WARN, told, words("Free some space."))
    return Check("disk", Level.OK, told)


def _clock(ctx: ServerContext) -> Check:
    with reading(ctx.engine) as conn:
        last = conn.execute(select(func.max(audit.c.at))).scalar()
    if last is not None and last > ctx.clock.now() + timedelta(minutes=1):
        return Check(
            "clock",
            Level.FAIL,
            words(
                "This machine's clock is behind what the store has seen ({last}).", last=str(last)
            ),
            words("Set the clock; devices judge theirs by it."),
        )
    return Check("clock", Level.OK, words("The clock goes forward."))


def _held(ctx: ServerContext) -> Check:
    before = ctx.clock.now() - _HELD_LIMIT
    with reading(ctx.engine) as conn:
        waiting = find_operations(conn, [OutcomeKind.HELD])
    old = [stored for stored in waiting if stored.received_at < before]
    if old:
        return Check(
            "held",
            Level.WARN,
            words("{count} records have waited for more than two days.", count=len(old)),
            words("Run `fieldsync-server review list --state held`."),
        )
    return Check("held", Level.OK, words("{count} records wait.", count=len(waiting)))


def _forks(ctx: ServerContext) -> Check:
    with reading(ctx.engine) as conn:
        count = conn.execute(select(func.count()).select_from(forks)).scalar() or 0
    if count:
        return Check(
            "forks",
            Level.WARN,
            words("{count} pushes came from a second copy of a device.", count=count),
            words("Find the copied device and enrol it anew."),
        )
    return Check("forks", Level.OK, words("No device was copied."))
