"""What leaves the device is sealed to the server: nobody reads it here, and a restored server gets it back."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent_cli.context import open_device
from agent_cli.store.database import DATABASE_NAME, writing
from fieldsync.errors import FieldsyncError
from server.store import engine as store
from server.store import tables
from server.store.feed import publish
from server.workflow.import_rescue import import_rescue
from server.workflow.rescue_report import Fate
from server.workflow.share_cases import share_cases
from server.workflow.share_reference import share_reference_with_all
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.agent_cli.test_restored_server import back_up, put_back, stored
from tests.device_files import database_of, readable

CASE = "C-000004"
MARKER = "the neighbour keeps a spare key"
BACKUP = "backup.db"


def take_away(bank: Bank, case_id: str = CASE) -> None:
    """The office gives the case to nobody of these officers any more."""
    with store.writing(bank.ctx.engine) as conn:
        conn.execute(
            tables.assignments.update()
            .where(tables.assignments.c.case_id == case_id)
            .values(until=bank.ctx.clock.now())
        )
        publish(conn, share_cases(conn, [case_id]), bank.ctx.clock.now())


def visited(device: Device) -> None:
    """A visit with a remark."""
    assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
    assert device.run("visit", "note", CASE, MARKER).exit_code == 0
    done = device.run("visit", "finish", CASE, "--outcome", "NOBODY")
    assert done.exit_code == 0, repr(done.exception)


def bodies(bank: Bank) -> list[str]:
    """The records of the server, in order."""
    with bank.ctx.engine.connect() as conn:
        return list(
            conn.execute(
                select(tables.operations.c.body).order_by(tables.operations.c.seq)
            ).scalars()
        )


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device: a backup of the server, then a visit, acknowledged; then the case is taken from her."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    back_up(bank, tmp_path / BACKUP)
    visited(device)
    synced(device)
    assert readable(device.home, MARKER)
    take_away(bank)
    synced(device)
    return device


def test_nothing_readable_stays_and_everything_comes_back(
    bank: Bank, ana: Device, tmp_path: Path
) -> None:
    """No file of the device holds the remark; the restored server has every record again, byte by byte."""
    acknowledged = bodies(bank)
    assert readable(ana.home, MARKER) == []
    put_back(bank, tmp_path / BACKUP)
    assert stored(bank) == 0
    synced(ana)
    assert bodies(bank) == acknowledged
    assert any(MARKER in body for body in acknowledged)
    quiet = synced(ana)
    assert (quiet["sent"], quiet["received"]) == (0, 0)


def test_pages_and_wal_are_clean_while_somebody_else_has_the_database_open(
    bank: Bank, tmp_path: Path
) -> None:
    """Another process keeps the database open, so no last close tidies up: the remark is gone all the same."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    with closing(database_of(device.home)) as other:
        other.execute("SELECT count(*) FROM meta").fetchall()
        visited(device)
        synced(device)
        assert readable(device.home, MARKER)
        assert (device.home / f"{DATABASE_NAME}-wal").stat().st_size
        take_away(bank)
        synced(device)
        assert (device.home / f"{DATABASE_NAME}-wal").stat().st_size == 0
        assert readable(device.home, MARKER) == []


def test_what_was_recorded_after_the_case_left_is_sealed_too(bank: Bank, tmp_path: Path) -> None:
    """A record that the server had not seen when its case left stays until it is covered, then it goes."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    visited(device)
    take_away(bank)
    synced(device)
    assert {state for _kind, state in states(device)} <= {"accepted", "in_review", "held"}
    assert readable(device.home, MARKER) == []


def test_without_a_key_the_office_is_told(bank: Bank, tmp_path: Path) -> None:
    """A server that told no key: what was accepted leaves as it is, and 409.66 says that it is gone."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    back_up(bank, tmp_path / BACKUP)
    visited(device)
    synced(device)
    with open_device(device.options) as ctx, writing(ctx.conn) as conn:
        conn.execute("UPDATE mirror SET body = '{}' WHERE key = 'server:seal'")
    take_away(bank)
    synced(device)
    assert readable(device.home, MARKER) == []
    put_back(bank, tmp_path / BACKUP)
    assert code_of(device) == "409.66"


def code_of(device: Device) -> str:
    """The code with which `sync` ends."""
    result = device.run("sync")
    assert isinstance(result.exception, FieldsyncError), repr(result.exception)
    return result.exception.code


def test_a_server_without_its_key_stores_nothing(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """Another seal key than the one of that time: 400.51, nothing is stored; with the key put back all comes."""
    put_back(bank, tmp_path / BACKUP)
    keys = bank.home / "keys"
    (keys / "seal.key").rename(keys / "aside")
    again(bank)
    assert code_of(ana) == "400.51"
    assert stored(bank) == 0
    (keys / "aside").rename(keys / "seal-2026.key")
    again(bank)
    synced(ana)
    assert stored(bank) == 3


def again(bank: Bank) -> None:
    """The server is started again; `run` tells devices of its key as it does of rules."""
    from server.context import open_server

    bank.stop()
    bank.ctx.engine.dispose()
    bank.ctx = open_server(str(bank.home))
    share_reference_with_all(bank.ctx)
    bank.start()


def test_sealed_copies_are_deleted_in_time(bank: Bank, ana: Device) -> None:
    """After `sealed_days` by the server's clock nothing of the record is left, sealed or not."""
    assert sealed(ana) == 3
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        long_ago = (bank.ctx.clock.now() - timedelta(days=91)).isoformat(timespec="seconds")
        conn.execute("UPDATE journal SET sealed_at = ? WHERE seq < 3", (long_ago,))
    synced(ana)
    assert sealed(ana) == 1
    assert ana.run("config", "set", "sealed_days", "0").exit_code != 0
    assert ana.run("doctor").exit_code == 0


def sealed(device: Device) -> int:
    """How many records stand sealed."""
    with open_device(device.options) as ctx:
        return int(
            ctx.conn.execute(
                "SELECT count(*) FROM journal WHERE sealed IS NOT NULL AND body = ''"
            ).fetchone()[0]
        )


def test_a_rescue_file_carries_them(bank: Bank, ana: Device, tmp_path: Path) -> None:
    """A broken device's whole log reaches a restored server by a file: the office opens what was sealed."""
    written = tmp_path / "rescue.json"
    assert ana.run("export", "--rescue", str(written), "--all").exit_code == 0
    assert MARKER not in written.read_text(encoding="utf-8")
    acknowledged = bodies(bank)
    put_back(bank, tmp_path / BACKUP)
    report = import_rescue(bank.ctx, written, dry_run=False)
    assert not report.problems
    assert bodies(bank) == acknowledged


def test_a_forged_key_is_not_taken(bank: Bank, tmp_path: Path) -> None:
    """A key for sealing that the server did not sign ends the exchange, and the last good one stays."""
    from tests.agent_cli.test_trust import tampered

    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)

    def forge(answer: dict[str, Any]) -> None:
        body = {"key": "A" * 43, "sig": "A" * 86}
        row = {"key": "server:seal", "op": "PUT", "version": 99, "body": body}
        answer["changes"].append(row)

    assert tampered(device, bank, forge) == "409.68"
    with open_device(device.options) as ctx:
        kept = ctx.conn.execute("SELECT body FROM mirror WHERE key = 'server:seal'").fetchone()
    assert json.loads(kept["body"])["key"] != "A" * 43


def test_files_go_sealed_and_come_back(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documents of an agreement leave readable form too, and the restored server has them whole again."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    back_up(bank, tmp_path / BACKUP)
    drawing = tmp_path / "signature.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
        '<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>',
        encoding="utf-8",
    )
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    assert device.run("visit", "start", CASE, "--with", "O-0002").exit_code == 0
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 20).isoformat())
    signed = device.run("agree", CASE, *terms, "--signature", str(drawing), "--yes")
    assert signed.exit_code == 0, repr(signed.exception)
    synced(device)
    shas = [path.name for path in (device.home / "files").rglob("*") if path.is_file()]
    assert len(shas) == 2
    take_away(bank)
    synced(device)
    assert not [path for path in (device.home / "files").rglob("*") if path.is_file()]
    lose_all(bank, tmp_path, shas)
    synced(device)
    assert states(device)[-1] == ("agreement.sign", "accepted")
    assert all(bank.ctx.blobs.has(sha) for sha in shas)
    written = tmp_path / "rescue.json"
    assert device.run("export", "--rescue", str(written), "--all").exit_code == 0
    lose_all(bank, tmp_path, shas)
    report = import_rescue(bank.ctx, written, dry_run=False)
    assert (report.problems, report.files[Fate.STORED]) == ([], 2)
    assert all(bank.ctx.blobs.has(sha) for sha in shas)


def lose_all(bank: Bank, tmp_path: Path, shas: list[str]) -> None:
    """The older store is put back, and its files are gone with it."""
    put_back(bank, tmp_path / BACKUP)
    for sha in shas:
        bank.ctx.blobs.path(sha).unlink()  # type: ignore[attr-defined]  # this store is a folder
