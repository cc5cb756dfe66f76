"""One thing that a `doctor` looked at: what it found, how bad that is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from fieldsync.words import Words


class Level(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check under its stable name: what was found, and what to do unless it is fine."""

    name: str
    level: Level
    found: Words
    advice: Words | None = None
