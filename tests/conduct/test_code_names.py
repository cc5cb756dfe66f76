"""Every code has a name in both languages, and docs/reference/codes.md shows them all."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from fieldsync.domain.disclosure import SENSITIVE
from fieldsync.locale import render
from fieldsync.locale.names import NAMES, name_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "codes.md"
ROW = re.compile(r"^\| `([^`]+)`( \*)? \| (.+) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: str(kind.__name__))
def test_every_code_has_its_own_name_in_both_languages(kind: type[StrEnum]) -> None:
    """No code is left without a name, and no two codes of a kind share one."""
    assert set(NAMES[kind]) == set(kind)
    for language in ("en", "zh-CN"):
        assert len({render(name_of(code), language) for code in kind}) == len(kind)
    assert all(render(name_of(code), "zh-CN") != render(name_of(code), "en") for code in kind)


def test_the_page_shows_exactly_the_codes_there_are() -> None:
    """The same codes and names, in the order of the enums."""
    shown = [(code, en, zh) for code, _, en, zh in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    there = [
        (code.value, render(name_of(code), "en"), render(name_of(code), "zh-CN"))
        for kind in NAMES
        for code in kind
    ]
    assert shown == there


def test_the_page_marks_what_needs_consent() -> None:
    """A star stands at every sensitive category and nowhere else."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert {code for code, star, _, _ in rows if star} == {code.value for code in SENSITIVE}
