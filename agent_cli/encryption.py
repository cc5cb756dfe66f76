"""Encrypts what an older program left plain, and encrypts a database anew; a crash anywhere is finished later.

Steps of the first: the copy is written beside, the vault with the mark `converting`, then the copy takes
the database's place, then the files are sealed one by one, then the mark goes. Whatever was done already
is not done again. The blocks where the plain file lay are the disk's to give up: say so, do not promise.
"""

import os
from contextlib import closing
from pathlib import Path

from agent_cli.cipher import sqlite3
from agent_cli.keys import FOLDER as KEYS_FOLDER
from agent_cli.store.database import DATABASE_NAME, open_file
from agent_cli.vault import held_keys
from agent_cli.vault.device_keys import DeviceKeys, is_sealed, new_nonce
from agent_cli.vault.envelope_opened import check_strong, fresh, wrap
from agent_cli.vault.kept_files import FILES_FOLDER
from agent_cli.vault.vault_file import has_vault, is_converting, mark_converted
from fieldsync.adapters.durable import sync_folder, write_whole
from fieldsync.terminal.database_errors import explain

_COPY = "field.db.new"
_PLAIN_HEAD = b"SQLite format 3\x00"


def encrypt(home: Path, passphrase: str) -> DeviceKeys:
    """Encrypt a device that is plain; InputError 600.81 for a weak passphrase, LocalCopyError for SQLite's."""
    check_strong(passphrase)
    keys = fresh()
    try:
        _copy(home, keys)
    except sqlite3.Error as error:
        raise explain(error) from error
    wrap(home, keys, passphrase, converting=True)
    finish(home, keys)
    return keys


def finish(home: Path, keys: DeviceKeys) -> None:
    """Do what is left of an encryption that broke off; nothing where none did."""
    if not (has_vault(home) and is_converting(home)):
        return
    held_keys.hold(home, keys)
    database = home / DATABASE_NAME
    if _is_plain(database):
        for ending in ("-wal", "-shm"):
            (home / f"{DATABASE_NAME}{ending}").unlink(missing_ok=True)
        (home / _COPY).replace(database)
        sync_folder(home)
    for folder in (KEYS_FOLDER, FILES_FOLDER):
        for path in sorted((home / folder).rglob("*")):
            _seal(path, folder, keys)
    mark_converted(home)


def encrypt_anew(home: Path, keys: DeviceKeys, passphrase: str) -> DeviceKeys:
    """A new key for the database; both are in the envelope until the last page is written with the new one."""
    new = DeviceKeys((fresh().database[0], *keys.database[:1]), keys.files)
    wrap(home, new, passphrase)
    try:
        with closing(open_file(home / DATABASE_NAME, new)) as conn:
            conn.execute(f"PRAGMA rekey = \"x'{new.database[0].hex()}'\"")
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise explain(error) from error
    last = DeviceKeys(new.database[:1], keys.files)
    wrap(home, last, passphrase)
    held_keys.hold(home, last)
    return last


def _copy(home: Path, keys: DeviceKeys) -> None:
    """The whole database, encrypted, beside the plain one."""
    target = home / _COPY
    target.unlink(missing_ok=True)
    with closing(open_file(home / DATABASE_NAME, None)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        key = keys.database[0].hex()
        conn.execute(f"ATTACH DATABASE ? AS fresh KEY \"x'{key}'\"", (str(target),))
        conn.execute("SELECT sqlcipher_export('fresh')").fetchone()
        conn.execute(f"PRAGMA fresh.user_version = {int(version)}")
        conn.execute("DETACH DATABASE fresh")
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _is_plain(database: Path) -> bool:
    with database.open("rb") as file:
        return file.read(len(_PLAIN_HEAD)) == _PLAIN_HEAD


def _seal(path: Path, folder: str, keys: DeviceKeys) -> None:
    """Seal one file under its name; temporary names are left to whoever made them."""
    if not path.is_file() or path.name.startswith("."):
        return
    content = path.read_bytes()
    if not is_sealed(content):
        mode = path.stat().st_mode & 0o777
        write_whole(path, (keys.seal(content, f"{folder}/{path.name}", new_nonce()),))
        path.chmod(mode & 0o700)
