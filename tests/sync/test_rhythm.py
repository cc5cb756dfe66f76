"""When the next exchange comes: bounds of the back-off, Retry-After, and who must mend what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.errors import (
    ConflictError,
    FieldsyncError,
    InputError,
    LocalCopyError,
    ProtocolMismatchError,
    UnauthorisedError,
    UnreachableError,
)
from fieldsync.sync.rhythm import (
    BASE_S,
    CAP_S,
    DOUBTS_MAX,
    FLOOR_S,
    RETRY_AFTER_MAX_S,
    SETTLE_S,
    Mending,
    Rhythm,
    after_failure,
    after_success,
    backoff_s,
    mending_of,
    short_wait_s,
)
from fieldsync.words import words

DRAWS = st.floats(0, 1, exclude_max=True)
FAILURES = st.integers(1, 5000)


def _unreachable(**details: object) -> UnreachableError:
    return UnreachableError("601.1", words("There is no way."), None, **details)


@given(FAILURES, DRAWS)
def test_the_wait_stays_under_an_exponential_roof(failures: int, draw: float) -> None:
    """Never under a second, never over the roof, never over ten minutes."""
    wait = backoff_s(failures, draw)
    assert FLOOR_S <= wait <= CAP_S
    assert wait <= max(FLOOR_S, BASE_S * 2 ** min(failures - 1, 20))


@given(FAILURES)
def test_the_jitter_is_full(failures: int) -> None:
    """The draw alone decides between at once and the roof, so devices spread over all of it."""
    roof = min(CAP_S, BASE_S * 2 ** min(failures - 1, 30))
    assert backoff_s(failures, 0.0) == FLOOR_S
    assert backoff_s(failures, 0.5) == max(FLOOR_S, roof / 2)
    assert backoff_s(failures, 0.999) > roof * 0.99


@given(FAILURES, DRAWS, st.floats(-1e12, 1e12))
def test_retry_after_is_honoured_and_bounded(failures: int, draw: float, told: float) -> None:
    """Nobody comes before the server asked for, and no header silences a device for more than an hour."""
    wait = backoff_s(failures, draw, told)
    assert wait >= min(max(told, 0), RETRY_AFTER_MAX_S)
    assert wait <= RETRY_AFTER_MAX_S + BASE_S


@given(st.lists(st.tuples(st.booleans(), DRAWS), max_size=40), st.floats(1, 86400))
def test_success_forgets_every_failure(story: list[tuple[bool, float]], every_s: float) -> None:
    """Whatever came before, the wait after a success is the usual one; errors of the line end nothing."""
    rhythm = Rhythm(every_s)
    for went_well, draw in story:
        rhythm = after_success(rhythm) if went_well else after_failure(rhythm, _unreachable(), draw)
        assert not rhythm.over
        assert rhythm.every_s == every_s
        assert rhythm.wait_s == every_s if went_well else rhythm.failures > 0
    assert after_success(rhythm) == Rhythm(every_s, wait_s=every_s)


@given(
    every_s=st.floats(0, 86400),
    passed_s=st.floats(0, 86400),
    unsent=st.booleans(),
    failed=st.booleans(),
)
def test_what_is_unsent_goes_soon_but_not_into_a_failing_line(
    every_s: float, passed_s: float, *, unsent: bool, failed: bool
) -> None:
    """A new record shortens the wait after a success and never the back-off; the due time only nears."""
    rhythm = after_success(Rhythm(every_s))
    if failed:
        rhythm = after_failure(rhythm, _unreachable(), 0.9)
    due = rhythm.due_in_s(passed_s, unsent=unsent)
    assert 0 <= due <= rhythm.wait_s
    assert due <= rhythm.due_in_s(passed_s, unsent=False)
    if unsent and not failed:
        assert due <= SETTLE_S
    if failed:
        assert due == max(0.0, rhythm.wait_s - passed_s)
    assert rhythm.due_in_s(passed_s + due, unsent=unsent) <= 1e-6


@pytest.mark.parametrize(
    ("error", "mending"),
    [
        (_unreachable(), Mending.TIME),
        (UnauthorisedError("401.2", words("x")), Mending.TIME),
        (UnauthorisedError("401.3", words("x")), Mending.TIME),
        (ConflictError("409.67", words("x")), Mending.TIME),
        (LocalCopyError("602.3", words("x")), Mending.TIME),
        (UnauthorisedError("401.1", words("x")), Mending.DOUBT),
        (ConflictError("409.61", words("x")), Mending.DOUBT),
        (InputError("400.1", words("x")), Mending.DOUBT),
        (InputError("600.3", words("x")), Mending.PERSON),
        (UnauthorisedError("403.46", words("x")), Mending.PERSON),
        (ConflictError("409.42", words("x")), Mending.PERSON),
        (ConflictError("409.65", words("x")), Mending.PERSON),
        (LocalCopyError("602.5", words("x")), Mending.PERSON),
        (ProtocolMismatchError("426.1", words("x")), Mending.DOUBT),
        (ProtocolMismatchError("426.62", words("x")), Mending.PERSON),
    ],
    ids=lambda value: value.code if isinstance(value, FieldsyncError) else str(value),
)
def test_each_error_waits_for_whoever_can_mend_it(error: FieldsyncError, mending: Mending) -> None:
    """Time mends the line, a person mends a revoked device, and a doubt is tried three times."""
    assert mending_of(error) is mending
    rhythm = Rhythm(60)
    met = 0
    while not rhythm.over and met < 50:
        rhythm, met = after_failure(rhythm, error, 0.5), met + 1
    assert met == {Mending.TIME: 50, Mending.DOUBT: DOUBTS_MAX, Mending.PERSON: 1}[mending]


@pytest.mark.parametrize(
    ("told", "waits", "expected"),
    [(3, 0, 3), (10, 1, 10), (10, 2, None), (11, 0, None), (-1, 0, None), (None, 0, None)],
)
def test_a_single_sync_waits_briefly_and_twice(
    told: int | None, waits: int, expected: float | None
) -> None:
    """Ten seconds are worth a wait inside the command, longer ones are the officer's own decision."""
    details = {} if told is None else {"retry_after_s": told}
    assert short_wait_s(_unreachable(**details), waits) == expected
