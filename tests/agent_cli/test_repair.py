"""Where device and server hold different rows after a pull, only the buckets that differ come again (G4)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent_cli.context import open_device
from agent_cli.store import meta, mirror, staging
from agent_cli.store.database import writing
from agent_cli.store.staging import Place
from fieldsync.domain.codec import to_builtins
from fieldsync.errors import FieldsyncError
from fieldsync.sync.digest import bucket_of
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.made_up import ANA, Device, make_case
from tests.agent_cli.strangers import Stranger, standing_in

Answer = dict[str, Any]


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced once."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    return device


def spoil(device: Device, *statements: str) -> None:
    """Change what the device holds behind its back."""
    with open_device(device.options) as ctx, writing(ctx.conn) as conn:
        for statement in statements:
            conn.execute(statement)


def through(device: Device, bank: Bank, change: Callable[[str, Answer], None]) -> Any:
    """`sync --json` through somebody who sees each answer with its path and may change it."""

    def pass_on(to: Stranger) -> None:
        answer = to.passed_on(bank.url)
        data = answer.json()
        if answer.ok:
            change(to.path, data)
        to.say(answer.status_code, json.dumps(data), answer.headers["Content-Type"])

    with standing_in(pass_on) as url:
        device.turn_to(url)
        result = device.run("sync", "--json")
    device.turn_to(bank.url)
    return result


def test_a_lost_row_comes_again_alone(bank: Bank, ana: Device) -> None:
    """One row lost on the device: its bucket comes, not everything."""
    spoil(ana, "DELETE FROM mirror WHERE key = 'case:C-000003'")
    paths: list[str] = []
    facts = json.loads(through(ana, bank, lambda path, _answer: paths.append(path)).stdout)
    assert facts["full_copy"] is False
    assert 1 <= facts["repaired"] < 4
    assert paths == ["/api/v1/sync", "/api/v1/repair", "/api/v1/sync"]
    assert ana.run("show", "C-000003").exit_code == 0
    assert json.loads(ana.run("search", "欧阳", "--json").stdout)["cases"]
    assert synced(ana)["repaired"] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mirror SET version = 99 WHERE key = 'case:C-000002'",
        "INSERT INTO mirror VALUES ('case:C-GONE', 'case', 1, '{}')",
        "DELETE FROM mirror",
    ],
    ids=["another version", "a row too many", "all rows gone"],
)
def test_whatever_differs_is_mended(statement: str, ana: Device) -> None:
    """A wrong version, a row that should not be there, an empty copy: repaired without a full copy."""
    spoil(ana, statement)
    facts = synced(ana)
    assert facts["full_copy"] is False
    with open_device(ana.options) as ctx:
        assert mirror.names(ctx.conn, KeyKind.CASE) == tuple(f"C-00000{n}" for n in (1, 2, 3, 4))
        assert meta.read(ctx.conn, "staged") is None


def test_an_older_server_sends_everything(bank: Bank, ana: Device) -> None:
    """A server that does not know repair answers 404: the device takes a full copy, as before."""
    spoil(ana, "DELETE FROM mirror WHERE key = 'case:C-000003'")

    def old(to: Stranger) -> None:
        if to.path == "/api/v1/repair":
            to.problem(404, "404.1", "There is nothing here.")
            return
        answer = to.passed_on(bank.url)
        to.say(answer.status_code, answer.text, answer.headers["Content-Type"])

    with standing_in(old) as url:
        ana.turn_to(url)
        facts = synced(ana)
    assert (facts["full_copy"], facts["repaired"]) == (True, 0)
    assert ana.run("show", "C-000003").exit_code == 0


def test_forged_rules_do_not_come_by_repair(bank: Bank, ana: Device) -> None:
    """A rule pack in a repair counts only with the server's signature, like in a pull."""
    with open_device(ana.options) as ctx:
        before = mirror.bodies(ctx.conn, KeyKind.RULESET)
        key = f"ruleset:{mirror.names(ctx.conn, KeyKind.RULESET)[0]}"
    spoil(ana, f"DELETE FROM mirror WHERE key = '{key}'")  # noqa: S608 - a name of ours

    def forge(path: str, answer: Answer) -> None:
        for row in answer["rows"] if path.endswith("repair") else ():
            if row["key"] == key:
                row["body"]["toml"] = "version = 'free for all'"

    result = through(ana, bank, forge)
    assert result.exit_code == 0, repr(result.exception)
    (refused,) = json.loads(ana.run("status", "--json").stdout)["packs_refused"]
    assert (refused["code"], refused["in_force"]) == ("409.64", None)
    start = ana.run("visit", "start", "C-000002", "--with", "O-0002")
    assert getattr(start.exception, "code", None) == "602.11"
    synced(ana)
    with open_device(ana.options) as ctx:
        assert mirror.bodies(ctx.conn, KeyKind.RULESET) == before


def test_rows_of_other_buckets_are_not_taken(bank: Bank, ana: Device) -> None:
    """An answer that brings what was not asked for is no Fieldsync server's."""
    spoil(ana, "DELETE FROM mirror WHERE key = 'case:C-000003'")

    def add(path: str, answer: Answer) -> None:
        if path.endswith("repair"):
            stray = next(
                f"case:C-{n}"
                for n in range(99)
                if bucket_of(f"case:C-{n}") not in answer["buckets"]
            )
            answer["rows"].append({"key": stray, "op": "PUT", "version": 1, "body": {}})

    result = through(ana, bank, add)
    assert isinstance(result.exception, FieldsyncError)
    assert result.exception.code == "601.4"
    assert synced(ana)["full_copy"] is False


def test_what_would_show_is_what_applying_shows(ana: Device) -> None:
    """The rows counted before a repair are those that applying would make visible; later pages count."""
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        rows = [
            FeedRow("case:C-000001", FeedOp.REMOVE, 2),
            FeedRow("case:C-000002", FeedOp.PUT, 5, to_builtins(make_case(2))),
            FeedRow("case:C-000002", FeedOp.PUT, 6, to_builtins(make_case(2))),
        ]
        staging.stage(conn, rows)
        staging.move_to(conn, Place("c", whole=False))
        shown = staging.would_show(conn)
        assert shown["case:C-000002"] == 6
        assert "case:C-000001" not in shown
        assert shown["case:C-000003"] == 1
        staging.move_to(conn, Place("c", whole=True))
        assert staging.would_show(conn) == {"case:C-000002": 6}
