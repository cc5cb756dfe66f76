"""Small counts stay hidden, whoever adds and subtracts what is shown."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from server.workflow.small_numbers import SMALL, Mark, marks_of

tables = st.lists(st.integers(0, 9), min_size=1, max_size=4)


def possible(counts: Sequence[int], marks: Sequence[Mark]) -> list[tuple[int, ...]]:
    """Every table that a reader must hold possible: the shown counts, the sum, what the marks say."""
    total = sum(counts)
    choices = [_values(count, mark, total) for count, mark in zip(counts, marks, strict=True)]
    if all(mark is Mark.WITHHELD for mark in marks):
        choices = [range(total + 1)] * len(counts)
    sums = range(1, SMALL) if 0 < total < SMALL else [total]
    return [table for table in itertools.product(*choices) if sum(table) in sums]


def _values(count: int, mark: Mark, total: int) -> Sequence[int]:
    if mark is Mark.EXACT:
        return [count]
    return range(1, SMALL) if mark is Mark.SMALL else range(SMALL, total + 1)


@given(tables)
def test_no_small_count_can_be_reckoned_back(counts: list[int]) -> None:
    """Of all tables that fit what is shown, a small count has another value in at least one."""
    fitting = possible(counts, marks_of(counts))
    assert tuple(counts) in fitting
    for place, count in enumerate(counts):
        if 0 < count < SMALL:
            assert len({table[place] for table in fitting}) > 1


@given(tables)
def test_a_small_count_is_never_shown(counts: list[int]) -> None:
    """No mark lets a count of one to four through."""
    marks = marks_of(counts)
    assert all(m is not Mark.EXACT for c, m in zip(counts, marks, strict=True) if 0 < c < SMALL)


@given(st.lists(st.integers(SMALL, 99) | st.just(0), min_size=1, max_size=9))
def test_nothing_is_hidden_where_nothing_is_small(counts: list[int]) -> None:
    """Large counts and zeros are shown as they are."""
    assert set(marks_of(counts)) == {Mark.EXACT}


def test_the_smallest_large_count_goes_first() -> None:
    """One small count alone takes the next larger one with it, not the largest."""
    assert marks_of([3, 40, 7]) == (Mark.SMALL, Mark.EXACT, Mark.WITHHELD)


def test_a_table_of_nothing_but_fours_is_not_shown() -> None:
    """Where the sum gives every count away, none is shown."""
    assert marks_of([4, 4]) == (Mark.WITHHELD, Mark.WITHHELD)
