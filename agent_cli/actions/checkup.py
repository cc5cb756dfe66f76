"""Looks this device over for `doctor`: each check says ok, warn or fail, and what to do."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from agent_cli.actions.door import packs_of
from agent_cli.actions.let_go import sealed_blobs
from agent_cli.actions.trust import PARTED
from agent_cli.cipher import sqlite3
from agent_cli.config import sound_value
from agent_cli.context import DOUBTS, PLAIN, DeviceContext
from agent_cli.keys import FOLDER as KEYS_FOLDER
from agent_cli.keys import OPERATION_KEY, REQUEST_KEY, load_key
from agent_cli.packs_shown import check_refused
from agent_cli.remote import Reach, reach
from agent_cli.store import journal, meta
from agent_cli.store.clock_readings import TOLERANCE, clock_error
from agent_cli.store.database import SCHEMA_VERSION, stored_version
from agent_cli.store.packs import Cause
from agent_cli.store.states import JournalState
from agent_cli.vault.vault_file import read_vault
from fieldsync.domain.check import Check, Level
from fieldsync.errors import FieldsyncError, LocalCopyError
from fieldsync.sync.operation import chain_hash, decode_body, genesis_hash
from fieldsync.words import words

_DISK_WARN_BYTES = 500 << 20
_DISK_FAIL_BYTES = 50 << 20
_UNSENT_WARN = timedelta(days=1)


_DAMAGED = "602.5"
_RESCUE = words(
    "Record nothing more here. Write out what can still be read with `fieldsync doctor --rescue"
    " FILE`, keep a copy of the folder and call the office."
)


def check_device(ctx: DeviceContext, timeout_s: float) -> Iterator[Check]:
    """Every check, in the order an officer can act on them; one that cannot look says so itself."""
    checks: dict[str, Callable[[], Check]] = {
        "database": lambda: _database(ctx.conn),
        "schema": lambda: _schema(ctx.conn),
        "journal": lambda: _chain(ctx),
        "keys": lambda: _keys(ctx.keys),
        "encrypted": lambda: _encrypted(ctx.home),
        "copy": lambda: _copy(ctx),
        "rules": lambda: _packs(ctx),
        "rules_signed": lambda: check_refused(ctx.conn, "rules_signed", Cause.UNSIGNED),
        "rules_readable": lambda: check_refused(ctx.conn, "rules_readable", Cause.UNREADABLE),
        "files": lambda: _files(ctx),
        "unsent": lambda: _unsent(ctx),
        "disk": lambda: _disk(ctx.home),
        "clock": lambda: _clock(ctx),
        "server": lambda: _server(ctx, timeout_s),
    }
    for name, check in checks.items():
        try:
            yield check()
        except sqlite3.Error as error:
            yield Check(
                name, Level.FAIL, words("This cannot be read: {reason}", reason=str(error)), _RESCUE
            )


def check_folder(home: Path, error: LocalCopyError) -> Iterator[Check]:
    """What can be said of a device whose database does not open: that, and what stands beside it."""
    yield Check(
        "database", Level.FAIL, error.message, _RESCUE if error.code == _DAMAGED else error.hint
    )
    yield _keys(home / KEYS_FOLDER)
    yield _disk(home)


def _database(conn: sqlite3.Connection) -> Check:
    try:
        found = [row[0] for row in conn.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found == ["ok"]:
        return Check("database", Level.OK, words("The local database is whole."))
    return Check(
        "database",
        Level.FAIL,
        words("The local database is damaged: {found}", found="; ".join(found)),
        _RESCUE,
    )


def _schema(conn: sqlite3.Connection) -> Check:
    version = stored_version(conn)
    return Check(
        "schema",
        Level.OK if version == SCHEMA_VERSION else Level.FAIL,
        words(
            "The database has version {version} of {newest}.",
            version=version,
            newest=SCHEMA_VERSION,
        ),
    )


def _chain(ctx: DeviceContext) -> Check:
    """Each record links to the one before, and its content still has the hash that was signed."""
    at = meta.read(ctx.conn, PARTED)
    if at is not None:
        return Check(
            "journal",
            Level.FAIL,
            words("From record {number} on the server has another log of this device.", number=at),
            words(
                "Nothing is lost. Run `fieldsync sync` to hand your records over, ask for a code, and"
                " enrol this device again: `fieldsync enroll {url} --again`.",
                url=ctx.identity.server_url,
            ),
        )
    last, number = genesis_hash(ctx.identity.device_id), 0
    for entry in journal.entries(ctx.conn):
        number += 1
        linked = entry.seq == number and (
            not entry.body
            or (
                chain_hash(last, entry.body) == entry.hash
                and decode_body(entry.body).prev_hash == last
            )
        )
        if not linked:
            return Check(
                "journal",
                Level.FAIL,
                words("Record {number} of the journal does not fit the one before.", number=number),
                _RESCUE,
            )
        last = entry.hash
    return Check(
        "journal", Level.OK, words("All {count} records link to each other.", count=number)
    )


def _keys(folder: Path) -> Check:
    try:
        for name in (REQUEST_KEY, OPERATION_KEY):
            load_key(folder, name)
    except FieldsyncError as error:
        return Check("keys", Level.FAIL, error.message, error.hint)
    return Check("keys", Level.OK, words("Both keys are here."))


def _encrypted(home: Path) -> Check:
    facts = read_vault(home)
    if facts is None:
        return Check("encrypted", Level.WARN, PLAIN)
    if not facts["envelope"].get("bound"):
        return Check(
            "encrypted",
            Level.OK,
            words("Everything here is encrypted; the passphrase alone opens it."),
        )
    return Check(
        "encrypted",
        Level.OK,
        words("Everything here is encrypted, for this machine's user and the passphrase."),
    )


def _copy(ctx: DeviceContext) -> Check:
    if ctx.doubt is None:
        return Check("copy", Level.OK, words("This is the folder that last exchanged."))
    return Check(
        "copy",
        Level.WARN,
        DOUBTS[ctx.doubt],
        words(
            "Nothing is lost: `fieldsync sync` finds out. Where the server has another log, it hands"
            " your records over and says how to enrol this device again."
        ),
    )


def _packs(ctx: DeviceContext) -> Check:
    try:
        names = ", ".join(f"{pack.name} {pack.version}" for pack in packs_of(ctx))
    except FieldsyncError as error:
        return Check("rules", Level.FAIL, error.message, error.hint)
    return Check("rules", Level.OK, words("Conduct rules: {names}.", names=names))


def _files(ctx: DeviceContext) -> Check:
    kept = (ctx.blobs, sealed_blobs(ctx))
    owed = [sha256 for sha256, _type in journal.missing_files(ctx.conn)]
    missing = [sha256 for sha256 in owed if not any(blobs.has(sha256) for blobs in kept)]
    if missing:
        return Check(
            "files",
            Level.FAIL,
            words("{count} files that must still be sent are gone.", count=len(missing)),
            words("Tell the office: the records themselves are safe."),
        )
    return Check("files", Level.OK, words("Every file that must still be sent is here."))


def _unsent(ctx: DeviceContext) -> Check:
    waiting = journal.entries(ctx.conn, states=(JournalState.UNSENT,))
    if not waiting:
        return Check("unsent", Level.OK, words("Nothing waits to be sent."))
    age = ctx.clock.now() - datetime.fromisoformat(waiting[0].recorded_at)
    return Check(
        "unsent",
        Level.WARN if age > _UNSENT_WARN else Level.OK,
        words(
            "{count} records wait to be sent, the oldest for {hours} hours.",
            count=len(waiting),
            hours=max(0, int(age.total_seconds() // 3600)),
        ),
        words("Run `fieldsync sync` where there is a network."),
    )


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    level = (
        Level.FAIL
        if free < _DISK_FAIL_BYTES
        else Level.WARN
        if free < _DISK_WARN_BYTES
        else Level.OK
    )
    advice = None if level is Level.OK else words("Free some space before the next visit.")
    return Check("disk", level, words("{megabytes} MB are free.", megabytes=free >> 20), advice)


def _clock(ctx: DeviceContext) -> Check:
    error = clock_error(ctx.conn, ctx.clock)
    if error is None:
        return Check("clock", Level.OK, words("The clock agrees with the last server time."))
    return Check(
        "clock",
        Level.FAIL,
        words("The clock is {minutes} minutes off.", minutes=round(error.total_seconds() / 60)),
        words("Set the device's clock; until then no visit can start."),
    )


def _server(ctx: DeviceContext, timeout_s: float) -> Check:
    url = ctx.identity.server_url
    found, told = reach(url, timeout_s, sound_value(ctx.home, "ca_file"))
    last = meta.read(ctx.conn, "last_exchange_at") or "-"
    if found is Reach.OTHER:
        return Check(
            "server",
            Level.WARN,
            words("What answered at {url} is not a Fieldsync server.", url=url),
            words(
                "Perhaps this network wants you to sign in first: open a browser, then sync again."
            ),
        )
    if found is Reach.NOTHING:
        return Check(
            "server",
            Level.WARN,
            words(
                "{url} does not answer; last exchange {time}.",
                url=url,
                time=last[:16],
            ),
            words("Go on working: only `sync` needs it."),
        )
    off = timedelta(0) if told is None or ctx.identity.training else ctx.clock.now() - told
    if abs(off) > TOLERANCE:
        return Check(
            "server",
            Level.WARN,
            words(
                "The server's clock is {minutes} minutes away from this one.",
                minutes=round(off.total_seconds() / 60),
            ),
            words("Set the device's clock."),
        )
    return Check("server", Level.OK, words("{url} answers.", url=url))
