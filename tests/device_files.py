"""What tests need of an encrypted device: a vault that opens fast, and its database as it lies on the disk."""

import os
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TypeVar, overload

from agent_cli.cipher import sqlite3
from agent_cli.config import Options
from agent_cli.store.database import DATABASE_NAME, open_file
from agent_cli.unlock import PASSPHRASE_VARIABLE, unlock
from agent_cli.vault import envelope_opened, held_keys
from agent_cli.vault.envelope import Cost
from agent_cli.vault.kept_files import FILES_FOLDER, opened

PASSPHRASE_FILE = Path(__file__).parent / "passphrase.txt"
PASSPHRASE = PASSPHRASE_FILE.read_text(encoding="utf-8").strip()
_C = TypeVar("_C", bound=sqlite3.Connection)
# The least that libsodium takes: what a guess costs is written in the vault itself.
QUICK = Cost(passes=1, memory=8192)


def prepare() -> None:
    """Vaults of this run open fast, with the passphrase of a file, and touch nobody's keyring."""
    envelope_opened.COST = QUICK
    os.environ[PASSPHRASE_VARIABLE] = str(PASSPHRASE_FILE)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


def encrypted(home: Path) -> Path:
    """The folder of a device that does not exist yet, with its vault."""
    held_keys.hold(home, envelope_opened.make_vault(home, PASSPHRASE))
    return home


@overload
def database_of(home: Path) -> sqlite3.Connection: ...
@overload
def database_of(home: Path, factory: type[_C]) -> _C: ...
def database_of(
    home: Path, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """A connection to a device's database as it is, in autocommit mode, with plain rows."""
    unlock(Options(home=str(home)), home)
    conn = open_file(home / DATABASE_NAME, held_keys.held(home), factory)
    conn.row_factory = None
    return conn


def dump(conn: sqlite3.Connection) -> Iterator[str]:
    """Everything in it, as statements: SQLCipher's driver has no `iterdump` of its own."""
    yield from import_module("sqlite3.dump")._iterdump(conn)


def readable(home: Path, text: str) -> list[str]:
    """Names of what holds the text, for whoever has the passphrase: the database, or a file beside it."""
    with closing(database_of(home)) as conn:
        found = [DATABASE_NAME] if any(text in line for line in dump(conn)) else []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.parent.parent.name == FILES_FOLDER:
                content = readable_file(path)
            found += [path.name] if text.encode() in content else []
    return found


def readable_file(path: Path) -> bytes:
    """What one of the device's files holds, for whoever has the passphrase."""
    home = path.parents[2]
    unlock(Options(home=str(home)), home)
    return opened(home, path.read_bytes(), f"{FILES_FOLDER}/{path.name}")


def destroy_page_of(home: Path, text: str) -> None:
    """Overwrite the page of the journal that holds the record with these words, and no other page."""
    path = home / DATABASE_NAME
    with closing(database_of(home)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = int(conn.execute("PRAGMA page_size").fetchone()[0])
        found = conn.execute("SELECT seq FROM journal WHERE body LIKE ?", (f"%{text}%",))
        seqs = (found.fetchone()[0], 1, conn.execute("SELECT max(seq) FROM journal").fetchone()[0])
    whole = path.read_bytes()
    for start in range(size, len(whole), size):
        path.write_bytes(whole[:start] + b"\xff" * size + whole[start + size :])
        if [_reads(home, seq) for seq in seqs] == [False, True, True]:
            return
    raise AssertionError(f"no page holds {text!r} alone")


def _reads(home: Path, seq: int) -> bool:
    try:
        with closing(database_of(home)) as conn:
            row = conn.execute("SELECT body FROM journal WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.Error:
        return False
    return row is not None
