"""The portion that goes up at once: halves when the line breaks, grows when it holds, and always gets through."""

from hypothesis import given
from hypothesis import strategies as st

from fieldsync.sync.portion import WARY, Portion, after_break, after_success

LEAST, MOST = 1 << 10, 1 << 20
portions = st.builds(Portion, st.integers(LEAST, MOST), st.integers(0, WARY))
sizes = st.integers(0, 2 * MOST)


@given(portions, sizes)
def test_it_stays_within_its_bounds(before: Portion, sent: int) -> None:
    """A break never makes it larger, a success never smaller, and neither leaves the bounds."""
    broken, held = after_break(before, sent, LEAST), after_success(before, sent, MOST)
    assert LEAST <= broken.size <= before.size <= held.size <= MOST


@given(portions, st.integers(LEAST + 1, 2 * MOST))
def test_a_break_halves_what_was_tried(before: Portion, sent: int) -> None:
    """The next try is half of what really went, so that each break makes the next one less likely."""
    tried = min(sent, before.size)
    broken = after_break(before, sent, LEAST)
    assert broken.size == (before.size if tried <= LEAST else max(LEAST, tried // 2))


@given(portions, st.integers(0, LEAST))
def test_a_small_thing_that_breaks_says_nothing(before: Portion, sent: int) -> None:
    """One short record in a tunnel must not make tomorrow's day go up in crumbs."""
    assert after_break(before, sent, LEAST) == before


@given(portions)
def test_what_fills_half_of_it_at_most_says_nothing(before: Portion) -> None:
    """That a short request went well is no word on a long one."""
    assert after_success(before, before.size // 2, MOST) == before


def _exchanges(line: int, records: list[int]) -> int:
    """Exchanges until all is through a line that lets `line` bytes through a request, and then breaks."""
    portion, count, waiting = Portion(MOST), 1, list(records)
    while waiting:
        batch = [waiting[0]]
        while len(batch) < len(waiting) and sum(batch) + waiting[len(batch)] <= portion.size:
            batch.append(waiting[len(batch)])
        if sum(batch) > line:
            portion = after_break(portion, sum(batch), LEAST)
            count += 1
        else:
            portion = after_success(portion, sum(batch), MOST)
            del waiting[: len(batch)]
    return count


@given(st.integers(2 * LEAST, MOST), st.lists(st.integers(100, LEAST), max_size=2000))
def test_every_queue_drains(line: int, records: list[int]) -> None:
    """Ten halvings at most, and from then on every exchange but the last brings a good part of a line's worth."""
    halvings = (MOST // LEAST).bit_length()
    assert _exchanges(line, records) <= halvings + sum(records) // (line // 2) + 1


@given(st.integers(2 * LEAST, MOST))
def test_a_line_that_heals_is_used_whole_again(size: int) -> None:
    """After a few full requests it doubles with each further one."""
    portion, requests = after_break(Portion(MOST), size, LEAST), 0
    while portion.size < MOST:
        portion, requests = after_success(portion, portion.size, MOST), requests + 1
    assert requests <= WARY + (MOST // LEAST).bit_length()
