"""A device against a real server on loopback: enrolled, synced, cut off, and in agreement again."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fieldsync.domain.case import Case
from server.store import tables
from server.store.cases import save_bank_parts
from server.store.engine import writing
from server.store.feed import publish
from server.workflow.enrol_device import make_code
from server.workflow.review_operations import decide
from server.workflow.share_cases import share_cases
from tests.agent_cli.bank import Bank, enrol, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device, at, make_case


def test_a_day_goes_down_and_up(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enrol, sync, work with the server gone, sync again: every record has an answer."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    assert synced(ana)["days"] == ["2026-11-24"]
    bank.stop()
    assert ana.run("visit", "start", "C-000001", "--with", "O-0002").exit_code == 0
    # The practice clock begins anew with each command.
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 20).isoformat())
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 40).isoformat())
    args = ("visit", "finish", "C-000001", "--outcome", "HARDSHIP", "--identity-shown")
    assert ana.run(*args).exit_code == 0
    assert {state for _kind, state in states(ana)} == {"unsent"}
    bank.start()
    assert synced(ana)["sent"] == 3
    assert states(ana) == [
        ("visit.start", "accepted"),
        ("hardship.disclose", "accepted"),
        ("visit.finish", "accepted"),
    ]


def test_a_hardship_reaches_the_other_device(bank: Bank, tmp_path: Path) -> None:
    """What Ana was told stops collection on Ben's device with his next sync."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    ben = enrolled(bank, tmp_path / "ben", BEN)
    synced(ana)
    synced(ben)
    assert ana.run("disclose", "C-000002", "--need", "no_visits").exit_code == 0
    synced(ana)
    synced(ben)
    for device in (ana, ben):
        case = json.loads(device.run("show", "C-000002", "--json").stdout)["case"]
        assert [hold["kind"] for hold in case["holds"]] == ["hardship"]
    refused = ben.run("visit", "start", "C-000002", "--with", "O-0001")
    assert getattr(refused.exception, "exit_code", None) == 5


def test_a_lost_answer_is_asked_for_again(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stored the batch but its answer was lost: the next sync stores nothing twice (G1)."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    assert ana.run("disclose", "C-000003", "--need", "time").exit_code == 0
    with monkeypatch.context() as patched:
        patched.setattr("agent_cli.actions.exchange._take", _lose)
        assert isinstance(ana.run("sync").exception, ConnectionResetError)
    assert states(ana) == [("hardship.disclose", "unsent")]
    synced(ana)
    assert states(ana) == [("hardship.disclose", "accepted")]
    with bank.ctx.engine.connect() as conn:
        assert len(conn.execute(select(tables.operations)).all()) == 1


def _lose(*_args: object) -> None:
    raise ConnectionResetError


def test_a_case_that_leaves_is_gone(bank: Bank, tmp_path: Path) -> None:
    """A case taken from the officer leaves rows, search and itself behind (G5)."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    with writing(bank.ctx.engine) as conn:
        conn.execute(
            tables.assignments.update()
            .where(tables.assignments.c.case_id == "C-000004")
            .values(until=bank.ctx.clock.now())
        )
        publish(conn, share_cases(conn, ["C-000004"]), bank.ctx.clock.now())
    synced(ana)
    assert getattr(ana.run("show", "C-000004").exception, "code", None) == "404.61"
    assert json.loads(ana.run("search", "Wang", "--json").stdout) == {"cases": []}
    assert b"Wang Wei" not in (ana.home / "field.db").read_bytes()


def test_a_code_works_once(bank: Bank, tmp_path: Path) -> None:
    """A used code enrols no second device, and nothing is half enrolled."""
    code, _until = make_code(bank.ctx, ANA.officer_id, timedelta(hours=1))
    assert enrol(Device(tmp_path / "one"), bank.url, code).exit_code == 0
    second = Device(tmp_path / "two")
    assert getattr(enrol(second, bank.url, code).exception, "http_status", None) in {403, 409}
    assert getattr(second.run("today").exception, "code", None) == "602.10"


def test_a_wrong_clock_is_put_right_once(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device a day behind takes the server's time from the refusal and gets through."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", "2026-11-22T10:00:00+08:00")
    assert synced(ana)["received"]


def test_the_office_takes_back_a_changed_case(bank: Bank, tmp_path: Path) -> None:
    """A new version of a case replaces the old one on the device."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    changed: Case = replace(make_case(1), version=2)
    changed = replace(changed, borrower=replace(changed.borrower, name="陈小明"))
    with writing(bank.ctx.engine) as conn:
        save_bank_parts(conn, [changed], bank.ctx.clock.now())
        publish(conn, share_cases(conn, ["C-000001"]), bank.ctx.clock.now())
    synced(ana)
    found = json.loads(ana.run("search", "小明", "--json").stdout)["cases"]
    assert [case["case_id"] for case in found] == ["C-000001"]


@pytest.mark.parametrize("accept", [True, False])
def test_the_officer_reads_what_the_office_decided(
    *, accept: bool, bank: Bank, tmp_path: Path
) -> None:
    """A record that went to review comes back with the office's own reason, in words."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    synced(ana)
    assert ana.run("disclose", "C-000003", "--need", "time").exit_code == 0
    with writing(bank.ctx.engine) as conn:
        conn.execute(
            tables.assignments.update()
            .where(tables.assignments.c.case_id == "C-000003")
            .values(until=bank.ctx.clock.now() - timedelta(hours=1))
        )
    synced(ana)
    assert states(ana) == [("hardship.disclose", "in_review")]
    op_id = json.loads(ana.run("status", "--json").stdout)["operations"][0]["op_id"]
    decide(bank.ctx, op_id, accept=accept, reason="Ben was told so too", by="mei")
    synced(ana)
    assert states(ana) == [("hardship.disclose", "accepted" if accept else "rejected")]
    listed = ana.run("status").stdout
    assert "Ben was told so too" in listed
    assert ("Accepted by the office" if accept else "Refused by the office") in listed
