"""A lost, stolen or copied device: nothing on its disk is readable, and guessing is slow and counted."""

import errno
import json
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from agent_cli.main import build_group
from agent_cli.store.database import connect
from agent_cli.unlock import PASSPHRASE_VARIABLE
from agent_cli.vault import envelope, envelope_opened, held_keys, keeper_client, keeper_place
from agent_cli.vault.device_keys import fresh_keys, new_nonce, of_text, to_text
from agent_cli.vault.vault_file import TRIES_NAME, VAULT_NAME, Tries
from fieldsync.errors import InputError, LocalCopyError, UnauthorisedError
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.made_up import ANA, Device
from tests.device_files import PASSPHRASE, PASSPHRASE_FILE, QUICK, database_of, readable

ROOT = Path(__file__).parents[2]
# Words of the case book, of a visit's note, of a plan and of the device's own keys.
_CASE_WORDS = (
    "陈明",
    "Wang Wei",
    "C-000001",
    "the neighbour waters the plants",
    "<svg",
    "SQLite format",
)
OTHER = "another row of words"


def locked_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """The device for somebody who does not know the passphrase."""
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    held_keys.drop(home)
    return Device(home)


def unlock(home: Path, passphrase: str) -> Result:
    """`fieldsync unlock` with this passphrase typed into it; nobody keeps the keys afterwards."""
    args = ["--home", str(home), "unlock", "--passphrase-file", "-"]
    return CliRunner().invoke(
        build_group(),
        args,
        input=passphrase + "\n",
        env={"FIELDSYNC_LOCK_AFTER_MINUTES": "0"},
    )


def code_of(result: Result) -> str | None:
    """The code of the product's own error."""
    return getattr(result.exception, "code", None)


class Ring(KeyringBackend):
    """A keyring in memory, as the desktop's would be."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under these names."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        """Keep it no more."""
        self.kept.pop((service, username), None)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    """A machine with a keyring."""
    made = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(made, name))
    return made


def test_stolen_disk_holds_no_plaintext(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day's work no file of the device holds a word of it: not the WAL, the index nor the documents."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    assert device.run("visit", "start", "C-000001", "--with", "O-0002").exit_code == 0
    note = ("visit", "note", "C-000001", "the neighbour waters the plants")
    assert device.run(*note).exit_code == 0
    drawing = ROOT / "fixtures" / "signatures" / "first.svg"
    terms = ("--kind", "interest_free", "--months", "12", "--first-due", "2026-12-25")
    signed = device.run("agree", "C-000001", *terms, "--signature", str(drawing), "--yes")
    assert signed.exit_code == 0, repr(signed.exception)
    assert readable(device.home, "the neighbour waters the plants")
    with closing(database_of(device.home)) as conn:
        # Another process has it open, so that nothing is tidied up: the log stands beside the database.
        conn.execute("SELECT count(*) FROM meta").fetchall()
        assert device.run("visit", "note", "C-000001", "a second remark").exit_code == 0
        assert (device.home / "field.db-wal").stat().st_size
        names = [path for path in device.home.rglob("*") if path.is_file()]
        assert {"field.db", "field.db-wal", "request.key", VAULT_NAME} <= {p.name for p in names}
        for path in names:
            content = path.read_bytes()
            for text in _CASE_WORDS:
                assert text.encode() not in content, (path.name, text)
            if path.parent.name == "keys":
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
    thief = locked_out(device.home, monkeypatch)
    for args in (
        ("today",),
        ("show", "C-000001"),
        ("export", "x.csv"),
        ("doctor", "--rescue", "x"),
    ):
        assert code_of(thief.run("--no-input", *args)) == "602.70"


def test_copied_folder_opens_only_with_the_keyring_of_its_machine(
    ring: Ring, tmp_path: Path
) -> None:
    """The right passphrase opens nothing on a machine whose keyring has no secret for the device."""
    home = tmp_path / "ana"
    envelope_opened.make_vault(home, "123456")
    assert unlock(home, "123456").exit_code == 0
    kept, ring.kept = ring.kept, {}
    held_keys.drop(home)
    assert code_of(unlock(home, "123456")) == "602.73"
    # Whoever has another secret there is no nearer.
    ring.kept = dict.fromkeys(kept, "A" * 43 + "=")
    assert code_of(unlock(home, "123456")) == "401.70"


def test_without_a_keyring_a_pin_is_refused(tmp_path: Path) -> None:
    """The passphrase alone has to bear everything there, and says so."""
    with pytest.raises(InputError) as refused:
        envelope_opened.make_vault(tmp_path / "ana", "123456")
    assert refused.value.code == "600.81"
    assert "no keyring" in str(refused.value.message)
    assert not (tmp_path / "ana" / VAULT_NAME).exists()


def test_brute_force_is_counted_and_waits(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five wrong tries are free, then each waits; the right one is not heard meanwhile, and forgets them."""
    locked_out(device.home, monkeypatch)
    for _ in range(5):
        assert code_of(unlock(device.home, "wrong")) == "401.70"
    assert code_of(unlock(device.home, PASSPHRASE)) == "401.71"
    told = json.loads((device.home / TRIES_NAME).read_text(encoding="utf-8"))
    assert told[0] == 5
    (device.home / TRIES_NAME).write_text(json.dumps([5, told[1] - 3600]), encoding="utf-8")
    assert unlock(device.home, PASSPHRASE).exit_code == 0
    assert not (device.home / TRIES_NAME).exists()


@given(count=st.integers(0, 10_000), gone=st.floats(-1e6, 1e6))
def test_a_wait_grows_and_ends(count: int, gone: float) -> None:
    """It never falls with another wrong try, never exceeds a quarter of an hour, and a clock set back adds nothing."""
    wait = Tries(count, 1e9).wait_s(1e9 + gone)
    assert 0 <= wait <= 900
    assert wait <= Tries(count + 1, 1e9).wait_s(1e9 + gone)
    assert wait <= Tries(count, 1e9).wait_s(1e9)


def test_a_try_is_counted_before_it_is_tried(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulling the plug in the middle gives no try away."""
    locked_out(device.home, monkeypatch)

    def plug(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(envelope, "unwrap", plug)
    unlock(device.home, PASSPHRASE)
    assert json.loads((device.home / TRIES_NAME).read_text(encoding="utf-8"))[0] == 1


def test_every_byte_of_the_envelope_counts() -> None:
    """Any changed byte, cheaper cost, or dropped keyring is noticed."""
    token = bytes(range(40))
    sealed = envelope.wrap("the keys", PASSPHRASE, b"s" * 32, token, QUICK)
    assert envelope.unwrap(sealed, PASSPHRASE, b"s" * 32) == "the keys"
    assert envelope.unwrap(sealed, f" {PASSPHRASE} ", b"s" * 32) == "the keys"
    for secret in (None, b"t" * 32):
        assert envelope.unwrap(sealed, PASSPHRASE, secret) is None
    facts = envelope.to_json(sealed)
    for place in range(len(sealed.box)):
        box = bytearray(sealed.box)
        box[place] ^= 1
        changed = envelope.Envelope(
            sealed.salt, sealed.cost, sealed.bound, sealed.nonce, bytes(box)
        )
        assert envelope.unwrap(changed, PASSPHRASE, b"s" * 32) is None
    for name, value in (("passes", 2), ("memory", 16384), ("bound", False)):
        other = envelope.of_json({**facts, name: value})
        assert envelope.unwrap(other, PASSPHRASE, b"s" * 32) is None


def test_an_opening_costs_what_was_decided() -> None:
    """Three passes over 256 MiB, well above RFC 9106's second choice; tests alone take less."""
    assert envelope.Cost() == envelope.Cost(passes=3, memory=256 << 20)


def test_too_little_memory_is_no_wrong_passphrase(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said as what it is, and no try is counted."""
    locked_out(device.home, monkeypatch)

    def none_left(*_args: object, **_named: object) -> None:
        raise MemoryError

    monkeypatch.setattr("agent_cli.vault.envelope.argon2id.kdf", none_left)
    assert code_of(unlock(device.home, PASSPHRASE)) == "602.75"
    assert not (device.home / TRIES_NAME).exists()


def test_a_file_opens_under_its_own_name_alone() -> None:
    """A signature cannot be passed off as another, and any changed byte is noticed."""
    keys = fresh_keys(bytes(64))
    sealed = keys.seal(b"<svg/>", "files/a", new_nonce())
    assert keys.unseal(sealed, "files/a") == b"<svg/>"
    with pytest.raises(ValueError, match="not sealed"):
        keys.unseal(sealed, "files/b")
    for place in range(4, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="not sealed"):
            keys.unseal(bytes(changed), "files/a")
    assert of_text(to_text(keys)) == keys


def test_the_keeper_gives_the_keys_until_the_device_is_locked(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One passphrase for many commands; after `lock` none of them opens it."""
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    keys = held_keys.held(device.home)
    assert keys is not None
    assert keeper_client.keep(device.home, keys, 1)
    held_keys.drop(device.home)
    try:
        assert device.run("today").exit_code == 0
        held_keys.drop(device.home)
        left = keeper_client.seconds_left(device.home)
        assert left is not None
        assert 50 <= left <= 60
        place = keeper_place.place_of(device.home)
        assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.path.parent.stat().st_mode) == 0o700
    finally:
        assert device.run("lock").exit_code == 0
    assert keeper_client.seconds_left(device.home) is None
    assert not place.path.exists()
    assert code_of(device.run("--no-input", "today")) == "602.70"


def test_the_keeper_locks_by_itself(device: Device) -> None:
    """When nobody asked for as long as it was told, it forgets the keys and ends."""
    keys = held_keys.held(device.home)
    assert keys is not None
    arguments = [sys.executable, "-m", "agent_cli.vault.keeper", str(device.home), "0.2"]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        told, _err = process.communicate(to_text(keys) + "\n", timeout=30)
    assert told == "ready\n"
    assert process.returncode == 0
    assert keeper_client.ask_keys(device.home) is None


def test_changing_the_passphrase(
    device: Device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The old one opens no more; the new one opens the same data, also where the database has a new key."""
    before = device.run("today").stdout
    new = tmp_path / "new.txt"
    new.write_text(OTHER, encoding="utf-8")
    change = ("passphrase", "--old-file", str(PASSPHRASE_FILE), "--passphrase-file", str(new))
    keys = held_keys.held(device.home)
    assert device.run(*change).exit_code == 0
    assert held_keys.held(device.home) == keys
    locked_out(device.home, monkeypatch)
    assert code_of(unlock(device.home, PASSPHRASE)) == "401.70"
    assert unlock(device.home, OTHER).exit_code == 0
    anew = ("passphrase", "--new-key", "--old-file", str(new), "--passphrase-file", str(new))
    monkeypatch.setenv("FIELDSYNC_LOCK_AFTER_MINUTES", "0")
    assert device.run(*anew).exit_code == 0
    after = held_keys.held(device.home)
    assert keys is not None
    assert after is not None
    assert after.database != keys.database
    assert device.run("today").stdout == before
    held_keys.hold(device.home, keys)
    with pytest.raises(LocalCopyError):
        connect(device.home / "field.db")


def test_a_damaged_vault_is_said(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, no lost data: what to do stands in the error, and doctor shows it."""
    locked_out(device.home, monkeypatch)
    whole = (device.home / VAULT_NAME).read_text(encoding="utf-8")
    for text in ("", "{}", "[]", whole[:-30], whole.replace('"salt": "', '"salt": "!')):
        (device.home / VAULT_NAME).write_text(text, encoding="utf-8")
        assert code_of(unlock(device.home, PASSPHRASE)) in {"602.72", "401.70"}
        (device.home / TRIES_NAME).unlink(missing_ok=True)


def test_the_keyring_never_loses_the_only_secret(ring: Ring, tmp_path: Path) -> None:
    """A crash between the keyring and the vault leaves the old passphrase good; later the old secret goes."""
    home = tmp_path / "ana"
    keys = envelope_opened.make_vault(home, "123456")
    assert len(ring.kept) == 1

    def crash(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(envelope_opened, "write_vault", crash)
        with pytest.raises(OSError, match="full"):
            envelope_opened.wrap(home, keys, "654321")
    assert envelope_opened.open_envelope(home, "123456", 0.0) == keys
    envelope_opened.wrap(home, keys, "654321")
    assert envelope_opened.open_envelope(home, "654321", 0.0) == keys
    with pytest.raises(UnauthorisedError):
        envelope_opened.open_envelope(home, "123456", 0.0)
