"""`vault.json` in the device's folder: the envelope of its keys, and the wrong tries, counted before they count."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VAULT_NAME = "vault.json"
TRIES_NAME = "vault.tries"
_FORMAT = 1
# The first tries cost nothing: a passphrase is mistyped on a cold morning.
_FREE_TRIES = 5
_LONGEST_S = 900


def has_vault(home: Path) -> bool:
    """Whether the device is encrypted."""
    return (home / VAULT_NAME).is_file()


def read_vault(home: Path) -> dict[str, Any] | None:
    """What it says: `envelope`, `device` (its name in the keyring), `converting`; None where it is damaged."""
    try:
        facts = json.loads((home / VAULT_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(facts, dict) and facts.get("format") == _FORMAT
    return facts if sound and isinstance(facts.get("envelope"), dict) else None


def write_vault(home: Path, envelope: dict[str, object], name: str, *, converting: bool) -> None:
    """Replace it whole: after a crash the old one or the new one is there."""
    from fieldsync.adapters.durable import write_whole

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = {"format": _FORMAT, "name": name, "converting": converting, "envelope": envelope}
    write_whole(home / VAULT_NAME, [json.dumps(facts).encode()])


def is_converting(home: Path) -> bool:
    """Whether an encryption of what was plain broke off."""
    return bool((read_vault(home) or {}).get("converting"))


def mark_converted(home: Path) -> None:
    """Nothing is plain any more."""
    facts = read_vault(home)
    if facts is not None:
        write_vault(home, facts["envelope"], facts["name"], converting=False)


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong ones in a row, and when the last was (seconds since 1970)."""

    count: int = 0
    last: float = 0.0

    def wait_s(self, now: float) -> int:
        """Seconds until the next try: doubling, a quarter of an hour at most.

        A clock that was set back waits no longer than one that was not.
        """
        if self.count < _FREE_TRIES:
            return 0
        asked: int = min(_LONGEST_S, 1 << min(self.count - _FREE_TRIES, 20))
        gone = max(0.0, now - self.last)
        return max(0, min(asked, math.ceil(asked - gone)))


def read_tries(home: Path) -> Tries:
    """The wrong tries so far; none where the file is not there or damaged."""
    try:
        count, last = json.loads((home / TRIES_NAME).read_text(encoding="utf-8"))
        return Tries(int(count), float(last))
    except (OSError, ValueError, TypeError, RecursionError):
        return Tries()


def write_tries(home: Path, tries: Tries | None) -> None:
    """Count one before it is tried, so that pulling the plug gives none away; None forgets them."""
    from fieldsync.adapters.durable import write_whole

    if tries is None:
        (home / TRIES_NAME).unlink(missing_ok=True)
        return
    write_whole(home / TRIES_NAME, [json.dumps([tries.count, tries.last]).encode()])
