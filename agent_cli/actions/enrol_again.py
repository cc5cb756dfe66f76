"""Enrols this device anew: the old database, keys and files are moved aside, nothing is deleted.

The new enrolment is made beside the old one, which stays in use until the server has answered.
Moving is done in steps that a crash may interrupt anywhere: the next `enroll` finishes them.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent_cli.actions.background import stop
from agent_cli.cipher import sqlite3
from agent_cli.identity import Identity, of_meta
from agent_cli.keys import FOLDER as KEYS_FOLDER
from agent_cli.store import journal, meta
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema
from agent_cli.store.locks import EXCHANGE_LOCK, holding
from agent_cli.store.states import JournalState
from agent_cli.vault import held_keys, keeper_client
from agent_cli.vault.kept_files import FILES_FOLDER
from agent_cli.vault.vault_file import TRIES_NAME, VAULT_NAME
from fieldsync.adapters.durable import sync_folder, write_whole
from fieldsync.errors import ConflictError, LocalCopyError
from fieldsync.terminal.database_errors import explain
from fieldsync.words import words

NEXT, _ASIDE, _IS_OUT = "next", "aside", "moved-out"
# The database goes first and comes last: a folder without one is opened by no command.
_PARTS = (
    DATABASE_NAME,
    f"{DATABASE_NAME}-wal",
    f"{DATABASE_NAME}-shm",
    KEYS_FOLDER,
    FILES_FOLDER,
    TRIES_NAME,
    VAULT_NAME,
)
_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What only the old copy holds: records that are not stored by the server, and files."""

    records: int = 0
    files: int = 0


def check_leaving(home: Path, *, force: bool) -> LeftBehind:
    """What would stay behind in the old copy; ConflictError 600.51 where that is anything, unless forced."""
    try:
        left = _only_here(home / DATABASE_NAME)
    except LocalCopyError:
        # A damaged database is left behind as it is; what could be read of it is in a rescue file.
        if not force:
            raise
        return LeftBehind()
    if left == LeftBehind() or force:
        return left
    raise ConflictError(
        "600.51",
        words(
            "{records} records and {files} files are only on this device.",
            records=left.records,
            files=left.files,
        ),
        words(
            "Nothing was changed. Run `fieldsync sync`, or write them out with `fieldsync export"
            " --rescue FILE` and add --force: they stay in the old copy."
        ),
        records=left.records,
        files=left.files,
    )


def enrol_again(
    home: Path, today: date, enrol_in: Callable[[Path], Identity]
) -> tuple[Identity, Path]:
    """The new identity, made by `enrol_in` in a folder beside, and where the old copy is now.

    LocalCopyError 602.51 while an exchange runs; the new enrolment is kept for the next try.
    """
    identity = enrol_in(home / NEXT)
    stop(home)
    with holding(home / EXCHANGE_LOCK, _WAIT_S) as ours:
        if not ours:
            raise LocalCopyError(
                "602.51",
                words("This device is exchanging with the server just now."),
                words("Run the same command again in a minute: the new enrolment is kept."),
            )
        return identity, _swap(home, today)


def finish_interrupted(home: Path, today: date) -> tuple[Identity, Path] | None:
    """Finish a re-enrolment that the server has answered and that broke off; None where there is none."""
    database = home / NEXT / DATABASE_NAME
    if not database.is_file():
        return None
    with closing(connect(database)) as conn:
        ensure_schema(conn)
        identity = of_meta(meta.read_all(conn))
    return None if identity is None else (identity, _swap(home, today))


def _only_here(database: Path) -> LeftBehind:
    if not database.is_file():
        return LeftBehind()
    with closing(connect(database)) as conn:
        ensure_schema(conn)
        try:
            unsent = journal.counts(conn)[JournalState.UNSENT]
            return LeftBehind(unsent, journal.files_only_here(conn))
        except sqlite3.Error as error:
            raise explain(error) from error


def _swap(home: Path, today: date) -> Path:
    """Old out, new in; each step is one rename, and what was done already is not done again."""
    fresh = home / NEXT
    aside = home / _noted_name(home, today)
    if not (fresh / _IS_OUT).exists():
        aside.mkdir(mode=0o700, exist_ok=True)
        for name in _PARTS:
            _move(home / name, aside / name)
        sync_folder(aside)
        write_whole(fresh / _IS_OUT, ())
    for name in reversed(_PARTS):
        _move(fresh / name, home / name)
    sync_folder(home)
    for mark in (_IS_OUT, _ASIDE):
        (fresh / mark).unlink(missing_ok=True)
    fresh.rmdir()
    # Whoever had the old keys has them no more; the new ones are known to this process.
    keeper_client.forget(home)
    new_keys = held_keys.held(fresh)
    held_keys.drop(home)
    if new_keys is not None:
        held_keys.hold(home, new_keys)
    return aside


def _noted_name(home: Path, today: date) -> str:
    """The name of the old copy's folder, written down before anything is moved."""
    note = home / NEXT / _ASIDE
    if not note.is_file():
        name = f"before-{today.isoformat()}"
        others = sum(1 for _ in home.glob(f"{name}*"))
        write_whole(note, [(f"{name}-{others + 1}" if others else name).encode()])
    return note.read_text(encoding="utf-8")


def _move(old: Path, new: Path) -> None:
    if old.exists():
        old.replace(new)
