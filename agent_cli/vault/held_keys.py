"""The keys that this process has, by the device's folder: opened once, used until the process ends."""

from pathlib import Path

from agent_cli.vault.device_keys import DeviceKeys, locked
from agent_cli.vault.vault_file import has_vault

_HELD: dict[Path, DeviceKeys] = {}


def hold(home: Path, keys: DeviceKeys) -> None:
    """Have them from now on."""
    _HELD[home.resolve()] = keys


def drop(home: Path) -> None:
    """Have them no more."""
    _HELD.pop(home.resolve(), None)


def held(home: Path) -> DeviceKeys | None:
    """The keys, or None where this process does not have them."""
    return _HELD.get(home.resolve())


def needed(home: Path) -> DeviceKeys | None:
    """The keys; None where an older program left the device unencrypted. LocalCopyError 602.70 where locked."""
    found = held(home)
    if found is None and has_vault(home):
        raise locked(home)
    return found
