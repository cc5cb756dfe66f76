"""Two officers prove at the door who they are: secrets set, changed, mistyped, missing, and what is kept of it."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent_cli.context import DeviceContext, open_device
from agent_cli.store import journal
from agent_cli.store.check_in import key_of, tries_of
from fieldsync.adapters.check_in_secrets import signer_of
from fieldsync.errors import FieldsyncError
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.keyboard import Step, converse
from tests.agent_cli.made_up import ANA, BEN, SECRETS, Device, at
from tests.device_files import database_of

CASE, OWN, NEW = "C-000001", ANA.officer_id, "lantern gravel otter"
START = ("visit", "start", CASE, "--with", BEN.officer_id)


def failed(device: Device, *args: str, stdin: str | None = None) -> str:
    """The product's code of a run that must fail."""
    error = device.run(*args, stdin=stdin).exception
    assert isinstance(error, FieldsyncError), repr(error)
    return error.code


def payloads(device: Device) -> list[dict[str, Any]]:
    """Kind and payload of every record."""
    with open_device(device.options) as ctx:
        found = [entry.operation for entry in journal.entries(ctx.conn)]
    return [{"kind": op.kind, **op.payload} for op in found if op is not None]


def opens(ctx: DeviceContext, secret: str) -> bool:
    """Whether the secret opens Ana's key as this device knows it."""
    key = key_of(ctx.conn, OWN)
    return key is not None and signer_of(key, secret) is not None


def secrets_file(folder: Path, **secrets: str) -> str:
    """A file with a line for each officer; names with `_` for `-`."""
    path = folder / "both.txt"
    lines = (f"{officer.replace('_', '-')} {secret}\n" for officer, secret in secrets.items())
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "weak",
    ["", "lantern", "aaaabbbb", "qwertyuiop", "12345678", "87654321", "password 9", "O-0001!!"],
)
def test_an_easy_secret_is_not_taken(weak: str, device: Device) -> None:
    """Short, repeating, neighbouring keys, the usual words, the officer's own id: 600.25, nothing kept."""
    given = f"{SECRETS[OWN]}\n{weak}\n"
    args = ("secret", "set", "--old-file", "-", "--file", "-")
    assert failed(device, *args, stdin=given) == "600.25"
    assert payloads(device) == []


def test_a_secret_is_changed_by_who_knows_the_old_one(device: Device, ctx: DeviceContext) -> None:
    """From two files: the new one opens the key at once, the old one no more; the secret is in no record."""
    old, new = device.home / "old.txt", device.home / "new.txt"
    old.write_text(f"{SECRETS[OWN]}\r\n", encoding="utf-8-sig")
    new.write_text(f"\ufeff{NEW}\r\n", encoding="utf-8")
    result = device.run("secret", "set", "--old-file", str(old), "--file", str(new))
    assert result.exit_code == 0, result.stderr
    assert "The office sees that it was changed." in result.stderr
    assert opens(ctx, NEW)
    assert not opens(ctx, SECRETS[OWN])
    (kept,) = payloads(device)
    assert (kept["kind"], kept["officer_id"]) == ("officer.check_in_key", OWN)
    assert NEW not in json.dumps(kept)


def test_nobody_changes_a_secret_without_the_old_one(device: Device, ctx: DeviceContext) -> None:
    """Not given: 600.30. Wrong: 600.23, counted as at the door. The key stays as it was."""
    assert failed(device, "secret", "set", "--file", "-", stdin=NEW) == "600.30"
    args = ("secret", "set", "--old-file", "-", "--file", "-")
    codes = [failed(device, *args, stdin=f"guess number {n}\n{NEW}\n") for n in range(4)]
    assert codes == ["600.23", "600.23", "600.23", "600.24"]
    assert opens(ctx, SECRETS[OWN])
    assert payloads(device) == []


def test_a_file_holds_one_secret_on_one_line(device: Device) -> None:
    """Two lines could never be typed at a door, and GBK bytes are no UTF-8: each is said, none is kept."""
    path = device.home / "new.txt"
    args = ("secret", "set", "--old-file", "-", "--file", str(path))
    path.write_text(f"{NEW}\nsecond line\n", encoding="utf-8")
    assert failed(device, *args, stdin=SECRETS[OWN]) == "600.29"
    path.write_bytes("四个随机的词语".encode("gbk"))
    assert failed(device, *args, stdin=SECRETS[OWN]) == "600.26"
    assert payloads(device) == []


def test_a_secret_is_typed_twice_and_shows_nowhere(device: Device) -> None:
    """On a terminal: the old one, the new one, again after a slip; no key shows on the screen."""
    said = converse(
        device.home,
        ("secret", "set"),
        (
            Step("Old secret (not shown)", SECRETS[OWN]),
            Step("New secret (not shown)", NEW),
            Step("Once more", "lantern gravel ottr"),
            Step("New secret (not shown)", NEW),
            Step("Once more", NEW),
        ),
    )
    assert said.code == 0, said.screen
    assert NEW not in said.screen
    assert SECRETS[OWN] not in said.screen
    assert len(payloads(device)) == 1


def test_a_fresh_device_sets_one_without_an_old_one(bank: Bank, tmp_path: Path) -> None:
    """Who has forgotten it enrols anew: before the first sync no old key is known, then it reaches Ben."""
    ana = enrolled(bank, tmp_path / "ana", ANA)
    assert ana.run("secret", "set", "--file", "-", stdin=NEW).exit_code == 0
    assert failed(ana, "secret", "set", "--file", "-", stdin=NEW) == "600.30"
    synced(ana)
    ben = enrolled(bank, tmp_path / "ben", BEN)
    synced(ben)
    for device in (ana, ben):
        with open_device(device.options) as ctx:
            assert opens(ctx, NEW)


def test_wrong_secrets_are_counted_slowed_down_and_recorded(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three wrong tries are free, then it waits; each refused start tells how many there were."""
    wrong = secrets_file(device.home, O_0001=SECRETS["O-0001"], O_0002="not what Ben says")
    runs = [device.run(*START, "--secrets", wrong) for _try in range(4)]
    assert [getattr(run.exception, "code", None) for run in runs] == ["451.61"] * 4
    assert all("CN-TWO-PERSONS" in run.stderr for run in runs)
    assert "Wrong tries in a row: 3." in runs[2].stderr
    assert "Try again in 30 seconds." in runs[3].stderr
    assert [kept["wrong_secrets"] for kept in payloads(device)] == [
        {"O-0002": 1}, {"O-0002": 2}, {"O-0002": 3}, {"O-0002": 3}
    ]  # fmt: skip
    assert "Too many wrong secrets" in device.run(*START).stderr
    _as_after_a_restart(device, monkeypatch)
    assert device.run(*START).exit_code == 0
    assert payloads(device)[-1]["wrong_secrets"] == {"O-0002": 3}
    with open_device(device.options) as ctx:
        assert tries_of(ctx.conn, "O-0002") is None


def _as_after_a_restart(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute later, on a computer that was started anew."""
    with open_device(device.options) as ctx:
        ctx.conn.execute("UPDATE check_in_tries SET boot_id = 'another'")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10, 1).isoformat())


def test_the_delay_doubles_with_every_further_try(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 seconds after three, 60 after the fourth: who guesses on waits longer."""
    wrong = secrets_file(device.home, O_0001=SECRETS["O-0001"], O_0002="not what Ben says")
    for _try in range(3):
        device.run(*START, "--secrets", wrong)
    _as_after_a_restart(device, monkeypatch)
    assert "Wrong tries in a row: 4." in device.run(*START, "--secrets", wrong).stderr
    assert "Try again in 60 seconds." in device.run(*START, "--secrets", wrong).stderr


def test_a_partner_without_a_key_is_told_the_way_out(device: Device, ctx: DeviceContext) -> None:
    """CN-TWO-PERSONS refuses, and stderr says what Ben must do on his device."""
    ctx.conn.execute(
        "UPDATE mirror SET body = json_remove(body, '$.officers[1].check_in_key')"
        " WHERE kind = 'roster'"
    )
    result = device.run(*START)
    assert getattr(result.exception, "code", None) == "451.61"
    assert "O-0002 has no check-in secret on this device" in result.stderr
    assert "fieldsync secret set" in result.stderr
    assert "wrong_secrets" not in payloads(device)[0]


def test_one_officer_named_twice_is_one_officer(device: Device) -> None:
    """Her own id, or her own name: CN-TWO-PERSONS, before anybody types a secret."""
    for named in (ANA.officer_id, ANA.name):
        result = device.run("visit", "start", CASE, "--with", named)
        assert getattr(result.exception, "code", None) == "451.61"
        assert "CN-TWO-PERSONS" in result.stderr
    assert {kept["kind"] for kept in payloads(device)} == {"visit.refused"}


def test_without_a_file_or_a_terminal_nobody_is_checked_in(device: Device) -> None:
    """600.28 with the way out; a file with no secret for Ben is 600.26; no visit, no record."""
    said = converse(device.home, ("--no-input", *START), ())
    assert "600.28" in said.screen
    assert "--secrets FILE" in said.screen
    half = device.home / "half.txt"
    half.write_text("O-0001 heron umbrella lane\nO-0002\n", encoding="utf-8")
    assert failed(device, *START, "--secrets", str(half)) == "600.26"
    assert payloads(device) == []


def test_each_types_their_own_secret_at_the_door(device: Device) -> None:
    """On a terminal: asked in turn, again after a slip; the slip is in the record of the start."""
    said = converse(
        device.home,
        START,
        (
            Step("Secret of O-0001 (not shown)", SECRETS["O-0001"]),
            Step("Secret of O-0002 (not shown)", "a slip of the finger"),
            Step("Secret of O-0002 (not shown)", SECRETS["O-0002"]),
        ),
    )
    assert said.code == 0, said.screen
    assert SECRETS["O-0002"] not in said.screen
    assert payloads(device)[-1]["wrong_secrets"] == {"O-0002": 1}


def test_a_file_of_secrets_is_for_practice(device: Device) -> None:
    """On a real device nobody checks in for two from a file: 600.82, and no visit starts."""
    with closing(database_of(device.home)) as conn:
        conn.execute(
            "UPDATE meta SET value = json_set(value, '$.training', json('false'))"
            " WHERE name = 'identity'"
        )
    error = device.run("visit", "start", "C-000001", "--with", "O-0002").exception
    assert getattr(error, "code", None) == "600.82"
    assert "C-000001" not in device.run("visit", "list").stdout
