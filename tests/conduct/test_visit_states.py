"""The visit as a state machine: nothing but the way out after a stop."""

import pytest

from fieldsync.conduct.visit_states import VisitEvent, VisitStage, after
from fieldsync.domain.check_in import doubtful_secret, wait_after
from fieldsync.domain.visit import VisitStep

EVENTS = (*VisitStep, *VisitEvent)


@pytest.mark.parametrize("event", EVENTS)
def test_after_a_stop_only_the_exit_is_left(event: VisitStep | VisitEvent) -> None:
    """Whatever is tried, a visit broken off can only be finished."""
    is_exit = after(VisitStage.STOPPED, event) is VisitStage.FINISHED
    assert is_exit == (event is VisitEvent.FINISH)


@pytest.mark.parametrize("stage", [VisitStage.CHECKED_IN, VisitStage.INSIDE])
def test_a_stop_comes_from_any_open_state(stage: VisitStage) -> None:
    """Somebody may ask for an end at the door and inside."""
    assert after(stage, VisitEvent.STOP) is VisitStage.STOPPED


def test_the_identity_comes_before_entering() -> None:
    """Nobody goes in who has not shown who they are."""
    assert not isinstance(after(VisitStage.CHECKED_IN, VisitStep.ENTERED), VisitStage)


def test_easy_secrets_are_refused_and_tries_slow_down() -> None:
    """Short, repeating, neighbouring and familiar ones; three tries are free, then the wait doubles."""
    for easy in ("short", "aaaaaaaa", "12345678", "password1", "SZ1001 xx"):
        assert doubtful_secret(easy, "SZ1001") is not None
    assert doubtful_secret("heron umbrella lane", "SZ1001") is None
    assert [wait_after(tries) for tries in (0, 2, 3, 4, 50)] == [0, 0, 30, 60, 3600]
