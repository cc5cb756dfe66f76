"""A stop that is struck off a published day leaves the others as they were promised."""

import ast
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fieldsync.planner.strike import struck
from tests.agent_cli.made_up import at, make_itinerary
from tests.house.tree import ROOT

DAY = make_itinerary()
IDS = [candidate.case_id for candidate in DAY.candidates]


@given(st.sets(st.sampled_from(IDS)))
def test_what_is_left_keeps_its_times_and_fits_its_matrices(gone: set[str]) -> None:
    """Whichever cases go: starts stay, nobody arrives later, the day can still be re-planned."""
    left = struck(DAY, gone)
    assert [s.case_id for s in left.stops] == [
        s.case_id for s in DAY.stops if s.case_id not in gone
    ]
    before = {stop.case_id: stop for stop in DAY.stops}
    for stop in left.stops:
        planned = before[stop.case_id]
        assert (stop.start, stop.leave) == (planned.start, planned.leave)
        assert stop.arrive <= planned.arrive
    size = len(left.candidates) + 2
    assert [len(row) for row in left.travel_s] == [size] * size
    assert [len(row) for row in left.distance_m] == [size] * size
    assert left.return_at <= DAY.return_at
    assert set(left.struck) == gone & set(before)


def test_nothing_to_strike_changes_nothing() -> None:
    """The very same day comes back, so that no new version is told."""
    assert struck(DAY, {"C-999999"}) is DAY


def test_the_last_stop_struck_brings_the_pair_back_earlier() -> None:
    """The way back begins at the stop before it."""
    assert struck(DAY, {"C-000003"}).return_at == at(11, 30)
    assert struck(DAY, set(IDS)).return_at == DAY.shift.start


def test_a_day_without_matrices_is_struck_all_the_same() -> None:
    """An itinerary that brought no travel times loses its stop and nothing else."""
    bare = replace(DAY, travel_s=(), distance_m=())
    left = struck(bare, {"C-000002"})
    assert [s.case_id for s in left.stops] == ["C-000001", "C-000003"]
    assert left.stops[1] == bare.stops[2]


def test_no_module_of_the_planner_knows_of_hardship() -> None:
    """What was disclosed can be no feature of a priority: the planner's room imports nothing of it."""
    told = {
        "fieldsync.domain.disclosure",
        "fieldsync.conduct.hardship",
        "fieldsync.conduct.sensitive",
    }
    found = {
        name
        for path in (ROOT / "fieldsync" / "planner").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in [node.module or ""]
    }
    assert not found & told
    assert "fieldsync.domain.itinerary" in found
