"""Tables for a terminal: aligned with Chinese in them, cut rather than wrapped, plain when asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.locale import set_language
from fieldsync.terminal.output import cut, labelled, listed, pick, style, table, width_of

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))


@pytest.mark.parametrize(("text", "width"), [("", 0), ("Ana", 3), ("林安", 4), ("e\u0301", 1)])
def test_chinese_takes_two_columns(text: str, width: int) -> None:
    """A Chinese character is two columns wide, a combining mark none."""
    assert width_of(text) == width


@given(TEXT, st.integers(min_value=1, max_value=30))
def test_cut_text_fits(text: str, width: int) -> None:
    """Whatever is cut fits its column, and what fitted before is not touched."""
    assert width_of(cut(text, width)) <= width
    if width_of(text) <= width:
        assert cut(text, width) == text


def test_a_table_fits_its_terminal() -> None:
    """The widest column gives way first; the others stay whole."""
    address = "广东省深圳市南山区粤海街道科技园社区科苑路 15 号科兴科学园 B 栋 3 单元 1201"
    lines = table([("C-000001", address)], ("case", "address"), columns=60).splitlines()
    assert all(width_of(line) <= 60 for line in lines)
    assert lines[1].startswith("C-000001  广东省")
    assert lines[1].endswith("…")


def test_a_narrow_terminal_gets_lines() -> None:
    """Where a table has no room, each cell gets its line and nothing is cut away."""
    shown = table([("C-1", "科苑路 15 号"), ("C-2", "")], ("case", "address"), columns=30)
    assert shown == "case: C-1\naddress: 科苑路 15 号\n\ncase: C-2"


def test_columns_stand_under_each_other() -> None:
    """The second column begins at the same terminal column in every line."""
    lines = table([("林安", "x"), ("Ana", "x")], ("name", "."), columns=80).splitlines()
    assert {width_of(line[: line.rindex(end)]) for line, end in zip(lines, ".xx", strict=True)} == {
        6
    }


def test_no_colour_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR and a dumb terminal are obeyed."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in style("held", fg="red")
    monkeypatch.setenv("TERM", "dumb")
    assert style("held", fg="red") == "held"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert style("held", fg="red") == "held"


def test_a_sentence_in_the_readers_language() -> None:
    """English stands in where a record lacks the reader's language."""
    assert pick({"en": "held", "zh-CN": "暂停"}, "zh-CN") == "暂停"
    assert pick({"en": "held"}, "zh-CN") == "held"


def test_labels_and_lists_keep_their_script() -> None:
    """A Chinese name takes the full-width colon, a Chinese list the enumeration comma."""
    assert labelled("案件", "C-1") == "案件：C-1"
    assert labelled("Case", "C-1") == "Case: C-1"
    set_language("zh-CN")
    try:
        assert listed(["王霞", "罗志兰"]) == "王霞、罗志兰"
    finally:
        set_language("en")
    assert listed(["Ana", "Bo"]) == "Ana, Bo"


def test_the_column_that_matters_gives_way_last() -> None:
    """Other wide columns shrink before the address does, narrow ones stay whole."""
    row = ("C-000001", "深圳市南山区科苑路15号", "hardship told of at the door until 2027-03-01")
    shown = table([row], ("case", "address", "state"), columns=60, last=1).splitlines()[1]
    assert "C-000001" in shown
    assert "深圳市南山区科苑路15号" in shown
    assert shown.endswith("…")
