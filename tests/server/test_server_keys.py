"""The server's key files: made once, its owner's alone, and exchanged for new ones without losing the old."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from nacl.public import SealedBox
from sqlalchemy import select

from fieldsync.adapters.clock import SystemRandomness
from fieldsync.domain import base64url
from fieldsync.domain.codec import from_json
from fieldsync.errors import LocalCopyError
from fieldsync.sync.sealing import SEAL_TAG
from server.context import ServerContext, open_server
from server.security.keys import create_keys, load_keys
from server.security.sealing import open_bytes
from server.store.engine import reading
from server.store.tables import agent_feed
from server.workflow.share_reference import share_reference_with_all
from tests.server.field_device import FieldDevice

RANDOM = SystemRandomness()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The keys of a fresh server."""
    create_keys(tmp_path / "keys", RANDOM.token(96))
    return tmp_path / "keys"


def test_keys_are_their_owners_alone(folder: Path) -> None:
    """Made by init or made later, each is a file of 32 bytes that nobody else reads."""
    (folder / "seal.key").unlink()
    load_keys(folder, RANDOM)
    assert sorted(path.name for path in folder.iterdir()) == [
        "accounts.key",
        "audit.key",
        "cursor.key",
        "receipt.key",
        "seal.key",
    ]
    for path in folder.iterdir():
        assert len(path.read_bytes()) == 32
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_two_keys_are_alike(folder: Path) -> None:
    """One random draw is cut into three secrets."""
    assert len({path.read_bytes() for path in folder.iterdir()}) == 3


def test_an_older_server_gets_one_key(folder: Path) -> None:
    """Many processes open a server that lacks the newer keys: all of them work with the same ones."""
    (folder / "seal.key").unlink()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _n: load_keys(folder, RANDOM), range(16)))
    assert {bytes(keys.seals[0]) for keys in found} == {(folder / "seal.key").read_bytes()}
    assert {keys.accounts for keys in found} == {(folder / "accounts.key").read_bytes()}
    assert len(list(folder.iterdir())) == 5


def test_a_key_put_aside_still_opens(folder: Path) -> None:
    """Renamed, it opens what was sealed to it; a new one is in force."""
    old = load_keys(folder, RANDOM).seals[0]
    sealed = SealedBox(old.public_key).encrypt(b"kept")
    (folder / "seal.key").rename(folder / "seal-2026-11-24.key")
    keys = load_keys(folder, RANDOM).seals
    assert keys[0] != old
    assert open_bytes(keys, sealed) == b"kept"
    assert open_bytes(keys, SealedBox(keys[0].public_key).encrypt(b"new")) == b"new"


@pytest.mark.parametrize("name", ["seal.key", "seal-2025.key", "receipt.key"])
def test_a_cut_key_is_told(folder: Path, name: str) -> None:
    """A key that is short is no key: 602.7, and no other is made in its place."""
    (folder / name).write_bytes(b"short")
    with pytest.raises(LocalCopyError) as refused:
        load_keys(folder, RANDOM)
    assert refused.value.code == "602.7"
    assert (folder / name).read_bytes() == b"short"


def test_a_folder_that_takes_no_file_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no key can be made the server does not start: 602.61."""
    (folder / "seal.key").unlink()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LocalCopyError) as refused:
        load_keys(folder, RANDOM)
    assert refused.value.code == "602.61"
    assert sorted(path.name for path in folder.iterdir()) == ["cursor.key", "receipt.key"]


def test_devices_learn_a_new_key(staffed: ServerContext, device: FieldDevice) -> None:
    """The row is signed by the receipt key; with a new key its version grows, without one nothing is told."""
    device.sync()
    assert _told(staffed) == (1, base64url.encode(bytes(staffed.keys.seals[0].public_key)))
    assert share_reference_with_all(staffed) == 0
    (staffed.config.keys / "seal.key").rename(staffed.config.keys / "seal-1.key")
    again = open_server(str(staffed.config.home))
    assert share_reference_with_all(again) == 1
    assert _told(again) == (2, base64url.encode(bytes(again.keys.seals[0].public_key)))
    again.engine.dispose()


def _told(ctx: ServerContext) -> tuple[int, str]:
    """Version and key of the row, once its signature is verified."""
    with reading(ctx.engine) as conn:
        row = conn.execute(select(agent_feed).where(agent_feed.c.key == "server:seal")).one()
    body = from_json(row.body, dict[str, str])
    public = ctx.keys.receipt.public_key()
    public.verify(base64url.decode(body["sig"]), SEAL_TAG + body["key"].encode())
    with pytest.raises(InvalidSignature):
        public.verify(base64url.decode(body["sig"]), body["key"].encode())
    return row.version, body["key"]
