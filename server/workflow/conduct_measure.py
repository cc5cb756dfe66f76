"""The parts of a conduct report: counts broken down, with small ones hidden, and figures of many."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from fieldsync.words import Words
from server.workflow.small_numbers import SMALL, Mark, mark_of, marks_of

_P95 = 0.95


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a table: a code with its name, and its count, None where it is not shown."""

    key: str
    name: Words | str
    count: int | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What a count is made of, in the order of the codes: nobody is ranked."""

    key: str
    title: Words
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number about many, in seconds; None where fewer than five stand behind it."""

    key: str
    title: Words
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing the report tells: its total, what it is made of, and figures."""

    key: str
    title: Words
    note: Words
    total: Cell
    breakdowns: tuple[Breakdown, ...] = ()
    figures: tuple[Figure, ...] = ()


def total_of(title: Words, count: int) -> Cell:
    """A count that stands alone."""
    return _cell("total", title, count, mark_of(count))


def breakdown(
    key: str, title: Words, counts: Mapping[str, int], names: Mapping[str, Words] | None = None
) -> Breakdown:
    """A table of counts by code, small ones hidden."""
    codes = list(counts)
    marks = marks_of([counts[code] for code in codes])
    named: Mapping[str, Words | str] = names or {}
    cells = (
        _cell(code, named.get(code, code), counts[code], mark)
        for code, mark in zip(codes, marks, strict=True)
    )
    return Breakdown(key, title, tuple(cells))


def by_branch(title: Words, told: Iterable[str], branches: Iterable[str]) -> Breakdown:
    """A table by branch; every branch has its line, also where nothing happened."""
    return breakdown("branch", title, counted(told, branches))


def by_officer(
    title: Words,
    told: Iterable[str],
    staff: Mapping[str, Sequence[str]],
    branches: Breakdown,
) -> Breakdown:
    """A table by officer id; every officer of a branch (`staff`) has a line, nobody is ranked.

    Where the count of their branch is not shown, none of its officers' counts is: together they
    would tell it.
    """
    counts = Counter(told)
    shown = {cell.key: cell.mark is Mark.EXACT for cell in branches.cells}
    cells: list[Cell] = []
    for branch, officers in staff.items():
        mine = [counts[officer] for officer in officers]
        marks = marks_of(mine) if shown.get(branch) else (Mark.WITHHELD,) * len(mine)
        cells += [_cell(*line) for line in zip(officers, officers, mine, marks, strict=True)]
    return Breakdown("officer", title, tuple(cells))


def counted(told: Iterable[str], codes: Iterable[str] = ()) -> dict[str, int]:
    """How often each code was told, by code; `codes` are there in any case."""
    counts = Counter(told)
    return {code: counts[code] for code in sorted({*counts, *codes})}


def spread(
    seconds: Sequence[float], *, middle: Words, worst: Words, most: Words | None = None
) -> tuple[Figure, ...]:
    """Median, worst and (where it has a title) the 95th percentile of at least five durations."""
    ordered = sorted(seconds)
    enough = len(ordered) >= SMALL
    figures = [Figure("median", middle, median(ordered) if enough else None)]
    if most is not None:
        nth = ordered[ceil(_P95 * len(ordered)) - 1] if enough else None
        figures.append(Figure("p95", most, nth))
    return (*figures, Figure("worst", worst, ordered[-1] if enough else None))


def _cell(key: str, name: Words | str, count: int, mark: Mark) -> Cell:
    return Cell(key, name, count if mark is Mark.EXACT else None, mark)
