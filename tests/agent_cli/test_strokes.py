"""What the signing page sends of a pen: kept in one form, drawn as it was, refused where it is nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_cli.page.strokes import read_strokes
from fieldsync.agreements.signature import SVG, media_type_of
from fieldsync.errors import InputError

LINE = [[10, 10, 0, 0.5], [60, 40, 20, 0.5], [110, 10, 40, 0.7]]
_POINTS = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(0, 400), st.floats(0, 10**6), st.floats(0, 1)).map(
        list
    ),
    min_size=2,
    max_size=30,
)


def test_a_drawing_becomes_strokes_and_a_picture() -> None:
    """The same strokes are the same bytes; the picture passes the check of every signature."""
    drawn = read_strokes({"how": "drawn", "strokes": [LINE]})
    assert drawn == read_strokes({"strokes": [LINE], "how": "drawn", "more": 1})
    assert media_type_of(drawn.svg) == SVG
    assert json.loads(drawn.strokes) == {"how": "drawn", "strokes": [LINE]}


@given(strokes=st.lists(_POINTS, min_size=1, max_size=5))
def test_whatever_is_long_enough_can_be_drawn(strokes: list[list[list[float]]]) -> None:
    """Any course of a pen makes a sound picture, or is said to be too short."""
    assert _became(strokes) in {SVG, "422.621"}


def _became(strokes: list[list[list[float]]]) -> str:
    try:
        return media_type_of(read_strokes({"strokes": strokes}).svg)
    except InputError as error:
        return error.code


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "422.621"),
        ({"strokes": []}, "422.621"),
        ({"strokes": [[]]}, "422.621"),
        ({"strokes": [[[1, 1, 0, 1], [2, 2, 1, 1]]]}, "422.621"),
        ({"strokes": [LINE] * 7000}, "422.621"),
        ({"strokes": [[[1, 1]]]}, "422.622"),
        ({"strokes": [[["a", 1, 1, 1]]]}, "422.622"),
        ({"strokes": [[[float("nan"), 1, 1, 1]]]}, "422.622"),
        ({"strokes": [[[-5, 1, 1, 1]]]}, "422.622"),
        ({"strokes": [5]}, "422.622"),
        ({"strokes": 5}, "422.622"),
        ({"strokes": "drawn"}, "422.622"),
        ({"strokes": [[None]]}, "422.622"),
    ],
)
def test_what_is_no_signature_is_refused(told: dict[str, Any], code: str) -> None:
    """Nothing, next to nothing, far too much, or what no pad sends."""
    with pytest.raises(InputError) as caught:
        read_strokes(told)
    assert caught.value.code == code
