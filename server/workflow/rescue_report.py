"""What became of a rescue file: how many records and files, and each entry that was refused, with why."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from fieldsync.schemas.fault import Fault


class Fate(StrEnum):
    """What becomes of one entry."""

    STORED = "stored"
    ALREADY_THERE = "already_there"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class Entry(StrEnum):
    """What an entry is."""

    RECORD = "record"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class RescueProblem:
    """An entry that was refused: the how manyth of its kind (from 1), which part of it, and why."""

    entry: Entry
    number: int
    field: str
    fault: Fault


@dataclass(slots=True)
class RescueReport:
    """The counts by fate, the problems in the order of the file, and what the device could not read."""

    unreadable: int = 0
    records: Counter[Fate] = field(default_factory=Counter)
    files: Counter[Fate] = field(default_factory=Counter)
    problems: list[RescueProblem] = field(default_factory=list)

    def refuse(self, problem: RescueProblem) -> None:
        """Count an entry that was refused."""
        counts = self.records if problem.entry is Entry.RECORD else self.files
        counts[Fate.REFUSED] += 1
        self.problems.append(problem)
