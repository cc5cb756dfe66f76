"""A server that was put back from an older backup gets everything back from the device, by one sync (G8)."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from server.store import tables
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device


def put_back(bank: Bank, backup: Path) -> None:
    """The store file of an earlier moment in place of the present one."""
    bank.stop()
    bank.ctx.engine.dispose()
    for name in ("fieldsync.db-wal", "fieldsync.db-shm"):
        (bank.home / name).unlink(missing_ok=True)
    shutil.copy(backup, bank.home / "fieldsync.db")
    bank.start()


def back_up(bank: Bank, backup: Path) -> None:
    """A copy of the store as SQLite makes it while the server runs."""
    with closing(sqlite3.connect(bank.home / "fieldsync.db")) as conn:
        conn.execute("VACUUM INTO ?", (str(backup),))


def stored(bank: Bank) -> int:
    """How many records the server has."""
    with bank.ctx.engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(tables.operations)).scalar() or 0


def disclosed(device: Device, *case_ids: str) -> None:
    """A hardship recorded for each case."""
    for case_id in case_ids:
        assert device.run("disclose", case_id, "--need", "time").exit_code == 0


def test_what_a_restored_server_lost_comes_again(bank: Bank, tmp_path: Path) -> None:
    """Two records after the backup, acknowledged and then lost: the next sync stores them again, and one new."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    disclosed(ana, "C-000001")
    synced(ana)
    back_up(bank, tmp_path / "backup.db")
    disclosed(ana, "C-000002", "C-000003")
    synced(ana)
    put_back(bank, tmp_path / "backup.db")
    assert stored(bank) == 1
    disclosed(ana, "C-000004")
    synced(ana)
    assert stored(bank) == 4
    assert [state for _kind, state in states(ana)] == ["accepted"] * 4
    quiet = synced(ana)
    assert (quiet["sent"], quiet["received"], quiet["full_copy"]) == (0, 0, False)


def test_a_restored_server_is_noticed_without_news(bank: Bank, tmp_path: Path) -> None:
    """The device has nothing new to send, and still gives back what the server lost."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    back_up(bank, tmp_path / "backup.db")
    disclosed(ana, "C-000001")
    synced(ana)
    put_back(bank, tmp_path / "backup.db")
    synced(ana)
    assert stored(bank) == 1
    assert [state for _kind, state in states(ana)] == ["accepted"]
