"""An exchange that broke off goes on where it stopped, and every record gets its answer in the end."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_cli.actions.disclose import disclose
from agent_cli.actions.exchange import exchange
from agent_cli.actions.talk import remote_of
from agent_cli.context import open_device
from agent_cli.store import journal, meta, mirror
from agent_cli.store.database import writing
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.errors import FieldsyncError
from fieldsync.sync.cursor import Cursor, seal_cursor
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import PAGE_ROWS
from server.store.engine import writing as writing_server
from server.store.feed import AgentChange, publish
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device, at
from tests.agent_cli.strangers import Stranger, standing_in

POSTERS = 2 * PAGE_ROWS + 200


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced once."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    return device


def put_up(bank: Bank, first: int, count: int) -> None:
    """So many rows of a kind that needs nothing else, for three pages and more."""
    rows = [
        FeedRow(f"poster:{n}", FeedOp.PUT, 1, {"number": n}) for n in range(first, first + count)
    ]
    with writing_server(bank.ctx.engine) as conn:
        publish(conn, [AgentChange(ANA.officer_id, row) for row in rows], bank.ctx.clock.now())


def posters(device: Device) -> int:
    """How many of them the device shows."""
    with open_device(device.options) as ctx:
        return int(
            ctx.conn.execute("SELECT count(*) FROM mirror WHERE kind = 'poster'").fetchone()[0]
        )


def hanging_up_after(pages: int, bank: Bank) -> tuple[Callable[[Stranger], None], list[int]]:
    """Passes so many answers on, then breaks off; and how many changes each answer brought."""
    brought: list[int] = []

    def pass_on(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        if len(brought) == pages:
            to.hang_up(b"")
            return
        brought.append(len(answer.json()["changes"]))
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    return pass_on, brought


@pytest.mark.parametrize("whole", [False, True], ids=["changes", "a full copy"])
def test_a_pull_goes_on_at_its_last_page(*, whole: bool, bank: Bank, ana: Device) -> None:
    """Two pages came, the third did not: nothing shows yet, and only the rest is asked for (G10)."""
    put_up(bank, 0, POSTERS)
    if whole:
        with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
            meta.remove(conn, "cursor")
    pass_on, brought = hanging_up_after(2, bank)
    with standing_in(pass_on) as url:
        ana.turn_to(url)
        assert getattr(ana.run("sync").exception, "code", None) == "601.6"
    ana.turn_to(bank.url)
    assert brought == [PAGE_ROWS, PAGE_ROWS]
    assert posters(ana) == 0
    assert json.loads(ana.run("show", "C-000001", "--json").stdout)
    rest = synced(ana)["received"]
    assert isinstance(rest, int)
    assert 0 < rest < PAGE_ROWS
    assert posters(ana) == POSTERS
    assert synced(ana) == {**synced(ana), "received": 0, "repaired": 0, "full_copy": False}


def test_what_changed_meanwhile_comes_too(bank: Bank, ana: Device) -> None:
    """Rows that came and went between the two halves of a pull end up as the server has them."""
    put_up(bank, 0, POSTERS)
    pass_on, _brought = hanging_up_after(1, bank)
    with standing_in(pass_on) as url:
        ana.turn_to(url)
        ana.run("sync")
    ana.turn_to(bank.url)
    gone = FeedRow("poster:7", FeedOp.REMOVE, 2)
    with writing_server(bank.ctx.engine) as conn:
        publish(conn, [AgentChange(ANA.officer_id, gone)], bank.ctx.clock.now())
    put_up(bank, POSTERS, 3)
    facts = synced(ana)
    assert (facts["repaired"], facts["full_copy"]) == (0, False)
    assert posters(ana) == POSTERS + 2


def test_a_place_that_is_gone_is_left(bank: Bank, ana: Device) -> None:
    """The store began another life since the pull broke off: everything is fetched anew (410)."""
    put_up(bank, 0, POSTERS)
    pass_on, _brought = hanging_up_after(1, bank)
    with standing_in(pass_on) as url:
        ana.turn_to(url)
        ana.run("sync")
    ana.turn_to(bank.url)
    other = seal_cursor(Cursor("another-epoch", ANA.officer_id, 1), bank.ctx.keys.cursor)
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        meta.write(conn, {"staged": json.dumps({"cursor": other, "whole": False})})
    assert synced(ana)["full_copy"] is True
    assert posters(ana) == POSTERS


def test_two_processes_of_one_device_do_not_mix(bank: Bank, ana: Device) -> None:
    """While one pull waits for its page another one finishes: the first gives way, and all is there."""
    put_up(bank, 0, POSTERS)
    nested: list[int] = []

    def pass_on(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        if not nested:
            nested.append(0)
            with open_device(ana.options) as ctx:
                nested[0] = exchange(ctx, remote_of(ctx), lambda _done: None).received
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    with standing_in(pass_on) as url:
        ana.turn_to(url)
        facts = synced(ana)
    ana.turn_to(bank.url)
    assert nested[0] >= POSTERS
    assert (facts["repaired"], facts["full_copy"]) == (0, False)
    assert posters(ana) == POSTERS


def _record(device: Device, case_id: str) -> None:
    with open_device(device.options) as ctx:
        disclose(ctx, Disclosure(case_id, case_id, None, at(10), "debtor", (Need.TIME,)))


def test_what_another_process_pushed_gets_its_answer(bank: Bank, ana: Device) -> None:
    """A receipt that also covers another process's record answers for it only once it was pushed again.

    The other process pushed it and lost the answer; the server sends no row for what was accepted.
    """
    _record(ana, "C-000001")
    seen: list[str] = []

    def pass_on(to: Stranger) -> None:
        seen.append(to.path)
        turn = len(seen)
        if turn == 1:
            _record(ana, "C-000002")
            with open_device(ana.options) as ctx, pytest.raises(FieldsyncError):
                exchange(ctx, remote_of(ctx), lambda _done: None)
        answer = to.passed_on(bank.url)
        if turn == 2:
            to.hang_up(b"")
            return
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    with standing_in(pass_on) as url:
        ana.turn_to(url)
        facts = synced(ana)
    ana.turn_to(bank.url)
    assert facts["sent"] == 2
    assert [state for _kind, state in states(ana)] == ["accepted", "accepted"]


def test_a_record_that_never_got_its_answer_is_asked_for(ana: Device) -> None:
    """A record stored long ago without an answer is pushed again once, and is no news to the server."""
    _record(ana, "C-000001")
    synced(ana)
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        conn.execute("UPDATE journal SET state = 'sent'")
    assert synced(ana)["sent"] == 1
    assert states(ana) == [("hardship.disclose", "accepted")]


def test_a_server_that_never_answers_a_record_is_asked_once(bank: Bank, ana: Device) -> None:
    """Stored and without a result: the exchange ends, and the record stays stored."""
    _record(ana, "C-000001")

    def silent(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        to.say(
            answer.status_code,
            json.dumps({**answer.json(), "results": []}),
            answer.headers["Content-Type"],
        )

    with standing_in(silent) as url:
        ana.turn_to(url)
        assert synced(ana)["sent"] == 1
    ana.turn_to(bank.url)
    assert states(ana) == [("hardship.disclose", "sent")]
    with open_device(ana.options) as ctx:
        assert journal.last_confirmed(ctx.conn) == 1
        assert mirror.body(ctx.conn, "case:C-000001") is not None
