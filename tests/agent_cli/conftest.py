"""An enrolled device in a temporary folder, with real keys, a real database and made-up cases."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent_cli.context import DeviceContext, open_device
from agent_cli.identity import to_meta
from agent_cli.keys import create_keys
from agent_cli.store import applying, meta, staging
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema, writing
from fieldsync.locale import set_language
from tests.agent_cli.bank import Bank, open_bank
from tests.agent_cli.made_up import ANAS_DEVICE, Device, at, feed_rows
from tests.device_files import encrypted


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins in English, at ten in the morning of the test day."""
    for name in ("FIELDSYNC_HOME", "FIELDSYNC_LANGUAGE", "FIELDSYNC_PARTNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(10).isoformat())
    set_language("en")


def build_device(home: Path) -> Device:
    """Ana's device after her first sync, in a new folder."""
    encrypted(home)
    create_keys(home / "keys", bytes(range(64)))
    with closing(connect(home / DATABASE_NAME)) as conn:
        ensure_schema(conn)
        with writing(conn):
            meta.write(conn, to_meta(ANAS_DEVICE))
            staging.stage(conn, feed_rows())
            applying.apply_staged(conn)
    return Device(home)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """Ana's device after her first sync."""
    return build_device(tmp_path / "ana")


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """A server on loopback with four cases assigned to Ana and Ben."""
    with open_bank(tmp_path / "bank") as opened:
        yield opened


@pytest.fixture
def ctx(device: Device) -> Iterator[DeviceContext]:
    """The open device."""
    with open_device(device.options) as opened:
        yield opened
