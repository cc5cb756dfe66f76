"""Help and usage errors: whole Chinese, aligned and broken by columns."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.locale import set_language
from fieldsync.terminal.help_page import HelpPage
from fieldsync.terminal.output import width_of
from fieldsync.terminal.run import run
from fieldsync.terminal.wide_text import wrap

_LONG = "导入案件簿：案件、联系记录和还款，格式为 CSV（UTF-8 或 GB18030）或 XLSX。" * 3


def _group() -> click.Group:
    group = click.Group("program", params=[click.Option(["--place"], metavar="地方", help="x")])
    group.add_command(
        click.Command(
            "act",
            help=_LONG,
            params=[
                click.Option(["--map"], metavar="文件", help=_LONG),
                click.Option(["--day"], metavar="DAY", required=True, help="哪一天。"),
                click.Argument(["case"]),
            ],
        )
    )
    return group


def _shown(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    run(_group, args, language="zh-CN", program="program")
    out, err = capsys.readouterr()
    return out + err


def test_help_has_no_english_marks(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage, headings, what is required and what stands for options are Chinese."""
    page = _shown(capsys, "act", "--help")
    assert page.startswith("用法：program act [选项] CASE\n")
    assert "\n选项：\n" in page
    assert "[必填]" in page
    assert "program [选项] 命令 [参数]..." in _shown(capsys, "--help")


def test_help_is_aligned_and_fits(capsys: pytest.CaptureFixture[str]) -> None:
    """What an option does begins in the same column, however wide its value's name is."""
    lines = _shown(capsys, "act", "--help").splitlines()
    (map_line,) = (line for line in lines if "--map" in line)
    (day_line,) = (line for line in lines if "--day" in line)
    assert width_of(map_line.partition("导入")[0]) == width_of(day_line.partition("哪")[0])
    assert max(width_of(line) for line in lines) <= 80


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("act", "--day", "x"), "错误：缺少参数 'CASE'。"),
        (("act", "C-1"), "错误：缺少选项 '--day'。"),
        (("act", "C-1", "--day"), "错误：选项 '--day' 需要一个值。"),
        (("act", "C-1", "--days"), "错误：没有选项 '--days'。 （您要找的是：'--day'？）"),
    ],
    ids=["argument", "option", "value", "unknown"],
)
def test_what_is_missing_is_a_chinese_sentence(
    args: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usage error ends with a Chinese full stop."""
    shown = _shown(capsys, *args)
    assert shown.splitlines()[-1] == told


def test_english_help_is_clicks_own() -> None:
    """In English the page is laid out exactly as click does it."""
    set_language("en")
    rows = [("--map FILE", "Also write the routes as a web page to this file. " * 3), ("--x", "")]
    pages = [HelpPage(width=70), click.HelpFormatter(width=70)]
    for page in pages:
        page.write_usage("program", "[OPTIONS] COMMAND [ARGS]...")
        with page.section("Options"):
            page.write_dl(rows)
        page.write_text("A sentence that is long enough to be broken somewhere. " * 3)
    assert pages[0].getvalue() == pages[1].getvalue()


@given(
    st.text(alphabet="外访员，。（）《》 ab`1", max_size=80),
    st.integers(min_value=8, max_value=40),
)
def test_wrapping_keeps_every_character(text: str, columns: int) -> None:
    """Nothing is lost by breaking lines but the spaces where they were broken."""
    lines = wrap(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line == line.strip() and line for line in lines)


@given(st.text(alphabet="外访员协议", max_size=80), st.integers(min_value=8, max_value=40))
def test_wrapped_chinese_fits(text: str, columns: int) -> None:
    """Chinese without punctuation always fits the columns there are."""
    assert all(width_of(line) <= columns for line in wrap(text, columns))


def test_no_line_begins_with_a_full_stop() -> None:
    """Punctuation stays with the word before it."""
    assert wrap("案件停止催收。", 12) == ["案件停止催", "收。"]
    assert wrap("停止（催收）", 6) == ["停止", "（催", "收）"]
