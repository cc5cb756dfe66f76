"""A rule pack that came unsigned or unreadable is refused alone: the last good one stays, the sync goes on."""

import json
from pathlib import Path

import pytest

from agent_cli.actions.door import packs_of
from agent_cli.actions.settle_packs import settle_packs
from agent_cli.actions.trust import trusted_key
from agent_cli.context import open_device
from agent_cli.store import journal, packs
from agent_cli.store.database import writing
from fieldsync.adapters.builtin_rulesets import pack_text
from fieldsync.errors import LocalCopyError
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import RULESET_TAG
from server.security.text_keys import sign_text
from server.store.engine import writing as server_writing
from server.store.feed import AgentChange, publish
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, Device

_NO_SIGNATURE = "A" * 86


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced once."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    return device


def edition(version: str, *, name: str = "cn", more: str = "") -> str:
    """The shipped pack under another edition."""
    lines = pack_text(name).split("\n")
    changed = [f'version = "{version}"' if line.startswith("version =") else line for line in lines]
    return "\n".join(changed) + more


def unreadable(version: str) -> str:
    """An edition with a condition word that only newer programs know."""
    return edition(version).replace("local_time_outside", "phase_of_the_moon", 1)


def send(
    bank: Bank, feed_version: int, text: str, *, key: str = "cn", forged: bool = False
) -> None:
    """The office's server publishes a pack to Ana."""
    sig = _NO_SIGNATURE if forged else sign_text(bank.ctx.keys.receipt, RULESET_TAG, text)
    version = next(x for x in text.split("\n") if x.startswith("version =")).split('"')[1]
    body = {"name": key, "version": version, "toml": text, "sig": sig}
    row = FeedRow(f"ruleset:{key}", FeedOp.PUT, feed_version, body)
    with server_writing(bank.ctx.engine) as conn:
        publish(conn, [AgentChange(ANA.officer_id, row)], bank.ctx.clock.now())


def in_force(device: Device) -> dict[str, str]:
    """The editions that the rules at the door are read from."""
    with open_device(device.options) as ctx:
        return {pack.name: pack.version for pack in packs_of(ctx)}


def refused(device: Device) -> list[dict[str, object]]:
    """What `fieldsync status --json` says of refused packs."""
    told = json.loads(device.run("status", "--json").stdout)["packs_refused"]
    assert isinstance(told, list)
    return told


def doctor(device: Device, name: str) -> tuple[str, str]:
    """Level and finding of one check."""
    checks = json.loads(device.run("doctor", "--json").stdout)["checks"]
    (check,) = (check for check in checks if check["check"] == name)
    return check["level"], check["found"]


def test_forged_then_unreadable_then_good(bank: Bank, ana: Device) -> None:
    """Each bad edition is told and leaves the good one in force; the records go up all the while."""
    good = in_force(ana)
    assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
    send(bank, 2, edition("2099.1"), forged=True)
    synced(ana)
    assert states(ana) == [("hardship.disclose", "accepted")]
    assert in_force(ana) == good
    told = {"pack": "cn", "version": "2099.1", "in_force": good["cn"]}
    assert refused(ana) == [{**told, "cause": "unsigned", "code": "409.64"}]
    level, message = doctor(ana, "rules_signed")
    assert (level, "2099.1" in message, good["cn"] in message) == ("warn", True, True)
    assert doctor(ana, "rules_readable")[0] == "ok"
    send(bank, 3, unreadable("2099.2"))
    synced(ana)
    assert in_force(ana) == good
    told = {"pack": "cn", "version": "2099.2", "in_force": good["cn"]}
    assert refused(ana) == [{**told, "cause": "unreadable", "code": "422.58"}]
    assert "Update this program" in ana.run("status").stderr
    assert doctor(ana, "rules_readable")[0] == "warn"
    send(bank, 4, edition("2099.3"))
    synced(ana)
    assert in_force(ana) == {**good, "cn": "2099.3"}
    assert refused(ana) == []
    assert doctor(ana, "rules_signed")[0] == doctor(ana, "rules_readable")[0] == "ok"


def test_a_refused_pack_is_not_repaired_for_ever(bank: Bank, ana: Device) -> None:
    """A forged row is asked for once more that day, an unreadable one never: both sides count the same."""
    send(bank, 2, edition("2099.1"), forged=True)
    assert synced(ana)["repaired"] == 0
    again = synced(ana)
    assert (again["full_copy"], again["repaired"]) != (False, 0)
    assert [synced(ana)["repaired"] for _ in range(2)] == [0, 0]
    send(bank, 3, unreadable("2099.2"))
    assert [synced(ana)["repaired"] for _ in range(3)] == [0, 0, 0]


def test_a_refused_visit_names_the_editions_asked(bank: Bank, ana: Device) -> None:
    """The record of a rule's no tells which editions said it; the server stores and accepts it."""
    send(bank, 2, edition("2099.1"), forged=True)
    synced(ana)
    assert ana.run("disclose", "C-000002", "--need", "time").exit_code == 0
    start = ana.run("visit", "start", "C-000002", "--with", "O-0002")
    assert getattr(start.exception, "code", None) == "451.61"
    with open_device(ana.options) as ctx:
        last = journal.entries(ctx.conn)[-1].operation
    assert last is not None
    assert last.kind == "visit.refused"
    assert last.payload["packs"] == in_force(ana)
    assert last.payload["findings"]
    synced(ana)
    assert states(ana)[-1] == ("visit.refused", "accepted")


def test_a_pack_under_anothers_name_is_refused(bank: Bank, ana: Device) -> None:
    """The house's signed pack sent in the law's place does not take it."""
    good = in_force(ana)
    send(bank, 2, pack_text("house"), key="cn")
    synced(ana)
    assert in_force(ana) == good
    assert [pack["cause"] for pack in refused(ana)] == ["unsigned"]


def test_without_any_good_edition_nothing_may_start(bank: Bank, ana: Device) -> None:
    """A pack that never came whole: its rules are not known, so no visit starts, and doctor fails."""
    send(
        bank,
        1,
        edition("2099.1", name="house").replace('name = "house"', 'name = "extra"'),
        key="extra",
        forged=True,
    )
    synced(ana)
    with pytest.raises(LocalCopyError) as caught:
        in_force(ana)
    assert caught.value.code == "602.11"
    start = ana.run("visit", "start", "C-000002", "--with", "O-0002")
    assert getattr(start.exception, "code", None) == "602.11"
    assert [pack["in_force"] for pack in refused(ana)] == [None]
    assert doctor(ana, "rules_signed")[0] == "fail"


def test_an_updated_program_reads_what_was_refused(bank: Bank, ana: Device) -> None:
    """What an older program could not read counts at once when the newer one can: no exchange needed."""
    send(bank, 2, edition("2099.4"))
    synced(ana)
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        note = packs.Refusal(packs.Cause.UNREADABLE, "2099.4", None)
        packs.note(conn, {"cn": note})
    assert in_force(ana)["cn"] == "2099.4"
    assert refused(ana) == []


def test_settling_twice_changes_nothing(bank: Bank, ana: Device) -> None:
    """The kept edition survives every later exchange, however often the bad one is looked at."""
    good = in_force(ana)
    send(bank, 2, unreadable("2099.2"))
    synced(ana)
    with open_device(ana.options) as ctx, writing(ctx.conn) as conn:
        noted = packs.noted(conn)
        before = packs.bodies_in_force(conn)
        settle_packs(conn, trusted_key(ctx), before, ctx.clock.now().date())
        assert packs.noted(conn) == noted
    synced(ana)
    assert in_force(ana) == good
