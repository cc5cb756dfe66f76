"""Fails the n-th SQLite statement of an action, for n = 1, 2, ... until it passes: all of it or nothing."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent_cli.actions import visit as visits
from agent_cli.actions.disclose import disclose
from agent_cli.context import DeviceContext, open_device
from agent_cli.store import cases
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.errors import LocalCopyError
from tests.agent_cli.conftest import build_device
from tests.agent_cli.made_up import Device, at

_ENOUGH = 60


class Failing(sqlite3.Connection):
    """A connection whose n-th statement that writes or commits fails as a full disk does."""

    left = 0

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Count down on all but reads."""
        return self._counted(sql, lambda: sqlite3.Connection.execute(self, sql, parameters))

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        """The same."""
        return self._counted(sql, lambda: sqlite3.Connection.executemany(self, sql, parameters))

    def _counted(self, sql: str, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        if not sql.lstrip().startswith(("SELECT", "PRAGMA", "ROLLBACK")):
            self.left -= 1
            if self.left == 0:
                raise sqlite3.OperationalError("database or disk is full")
        return run()


def _start(ctx: DeviceContext) -> None:
    case = cases.load_case(ctx.conn, "C-000001")
    visits.start(ctx, case, case.addresses[0], ("O-0001", "O-0002"))


def _disclose(ctx: DeviceContext) -> None:
    said = Disclosure("D-1", "C-000001", None, at(10), "debtor", (Need.TIME,))
    disclose(ctx, said)


def _code_of(action: Callable[[], None]) -> str | None:
    """The code of the local error the action ends in, or None."""
    try:
        action()
    except LocalCopyError as error:
        return error.code
    return None


def _state(path: Path) -> dict[str, int]:
    tables = ("journal", "visits", "local_holds")
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return {t: conn.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}  # noqa: S608 - our own names


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device after its first sync, in the morning."""
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    return build_device(tmp_path / "ana")


@pytest.mark.parametrize(
    ("action", "after"),
    [
        (_start, {"journal": 1, "visits": 1, "local_holds": 0}),
        (_disclose, {"journal": 1, "visits": 0, "local_holds": 1}),
    ],
)
def test_nothing_is_half_done(
    synced: Device, tmp_path: Path, action: Callable[[DeviceContext], None], after: dict[str, int]
) -> None:
    """Each failing statement leaves nothing; the first run without failure leaves everything."""
    nothing = dict.fromkeys(after, 0)
    for n in range(1, _ENOUGH):
        copy = Device(tmp_path / f"copy{n}")
        shutil.copytree(synced.home, copy.home)
        with (
            open_device(copy.options) as ctx,
            closing(sqlite3.connect(copy.home / "field.db", factory=Failing)) as conn,
        ):
            conn.isolation_level = None
            conn.row_factory = sqlite3.Row
            conn.left = n
            code = _code_of(partial(action, replace(ctx, conn=conn)))
        if code is not None:
            assert code == "602.4"
            assert _state(copy.home / "field.db") == nothing
            continue
        assert _state(copy.home / "field.db") == after
        assert n > 3
        return
    pytest.fail("it never passed")
