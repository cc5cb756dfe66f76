"""What a field command works with: folder, database, clock, files and identity, opened together."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent_cli.cipher import sqlite3
from agent_cli.config import Options, home_of
from agent_cli.identity import Identity, of_meta
from agent_cli.install_mark import Doubt, doubt_of
from agent_cli.keys import FOLDER as KEYS_FOLDER
from agent_cli.lease import keep_lease
from agent_cli.running_shown import warn_of_running
from agent_cli.store import meta
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema
from agent_cli.unlock import unlock
from agent_cli.vault.vault_file import has_vault
from fieldsync.adapters.clock import SystemRandomness, clock_of_environment
from fieldsync.errors import LocalCopyError
from fieldsync.locale import render
from fieldsync.terminal.database_errors import explain
from fieldsync.terminal.output import note
from fieldsync.words import words

if TYPE_CHECKING:  # `today` waits for none of these
    from agent_cli.vault.kept_files import KeptFiles
    from fieldsync.ports import Clock, Randomness

SEALED_FOLDER = "sealed"
# Said at every command, and by doctor: whoever stands at a door goes on recording.
DOUBTS = {
    Doubt.OLDER: words(
        "This folder is an older copy of the device's: records of its last exchange are not in it."
        " Go on recording, and sync as soon as you can."
    ),
    Doubt.COPIED: words(
        "This folder was copied from another machine, or its mark on this one is gone. Go on"
        " recording, and use only one of the copies."
    ),
}
# An older program left it so; nobody at a door is kept from going on.
PLAIN = words(
    "This device is not encrypted yet: whoever finds it reads everything. Run `fieldsync passphrase`."
)


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """Everything an action may need from outside."""

    home: Path
    conn: sqlite3.Connection
    clock: "Clock"
    randomness: "Randomness"
    identity: Identity
    doubt: Doubt | None = None

    @property
    def keys(self) -> Path:
        """The folder of the device's two keys."""
        return self.home / KEYS_FOLDER

    @property
    def blobs(self) -> "KeptFiles":
        """The files of this device: signatures and documents, by their SHA-256."""
        from agent_cli.vault.kept_files import KeptFiles

        return KeptFiles(self.home)

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        from fieldsync.domain.ids import new_id

        return new_id(int(self.clock.now().timestamp() * 1000), self.randomness.token(10))


@contextmanager
def open_device(options: Options, *, is_way_out: bool = False) -> Iterator[DeviceContext]:
    """Open an enrolled device, its database upgraded first where it is older; closed at the end.

    `is_way_out`: the command ends a visit, so that nobody needs to be told to.
    LocalCopyError 602.10 where this folder holds no enrolled device.
    """
    home = home_of(options.home)
    path = home / DATABASE_NAME
    if not path.is_file():
        raise _not_enrolled(home)
    unlock(options, home)
    if not has_vault(home):
        note(render(PLAIN))
    conn = connect(path)
    try:
        ensure_schema(conn)
        try:
            facts = meta.read_all(conn)
            identity = of_meta(facts)
            if identity is None:
                raise _not_enrolled(home)
            doubt = doubt_of(conn, facts, identity.device_id)
        except sqlite3.Error as error:
            raise explain(error) from error
        if doubt is not None:
            note(render(DOUBTS[doubt]))
        clock = clock_of_environment(training=identity.training)
        _say_what_presses(conn, facts, clock, is_way_out=is_way_out)
        yield DeviceContext(
            home=home,
            conn=conn,
            clock=clock,
            randomness=SystemRandomness(),
            identity=identity,
            doubt=doubt,
        )
    finally:
        conn.close()


def _say_what_presses(
    conn: sqlite3.Connection, facts: Mapping[str, str], clock: "Clock", *, is_way_out: bool
) -> None:
    """A lease that ends or has ended, and a visit that goes on."""
    leaving = keep_lease(conn, facts, clock, is_way_out=is_way_out)
    if leaving is not None:
        note(render(leaving))
    if not is_way_out:
        warn_of_running(conn, clock)


def _not_enrolled(home: Path) -> LocalCopyError:
    return LocalCopyError(
        "602.10",
        words("This device is not enrolled yet ({home}).", home=str(home)),
        words("Ask the office for a code and run `fieldsync enroll URL`."),
    )
