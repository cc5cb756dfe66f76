"""Data to stdout, everything else to stderr: tables that know wide characters, JSON, messages."""

import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from fieldsync.locale import _

_GAP = "  "
_ELLIPSIS = "…"
# Below this a table would be all ellipses: each row becomes lines of its own.
_COLUMNS = 100
_NARROW_COLUMNS = 60
# Ids, times and short names fit into this.
_ENOUGH = 12
_ASCII = {"ascii", "us-ascii", "ansi_x3.4-1968", "646"}


def width_of(text: str) -> int:
    """Terminal columns the text takes: Chinese characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, width: int) -> str:
    """The text, shortened with an ellipsis where it is wider than that."""
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for character in text:
        step = width_of(character)
        if used + step > width - 1:
            break
        kept, used = kept + character, used + step
    return kept + _ELLIPSIS


def terminal_columns() -> int:
    """How wide the terminal is: COLUMNS, else what the terminal says, else 100.

    As `shutil.get_terminal_size`, whose module loads every archive format while an officer waits.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else _COLUMNS
    except (AttributeError, ValueError, OSError):
        return _COLUMNS


def table(
    rows: Sequence[Sequence[str]],
    head: Sequence[str],
    columns: int | None = None,
    *,
    last: int | None = None,
) -> str:
    """An aligned table that fits the terminal: the widest columns give way first.

    The column `last` gives way after all others have shrunk to 12. A terminal under 60 columns gets each row as lines `head: cell`, so that nothing is cut away.
    """
    columns = columns or terminal_columns()
    if columns < _NARROW_COLUMNS and len(head) > 1:
        return stacked(rows, head)
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(width_of(line[i]) for line in lines) for i in range(len(head))]
    room = columns - len(_GAP) * (len(head) - 1)
    while sum(widths) > max(room, 3 * len(head)):
        widths[_gives_way(widths, last)] -= 1
    shown = []
    for line in lines:
        cells = [cut(cell, width) for cell, width in zip(line, widths, strict=True)]
        padded = [c + " " * (w - width_of(c)) for c, w in zip(cells, widths, strict=True)]
        shown.append(_GAP.join(padded).rstrip())
    return "\n".join(shown)


def _gives_way(widths: Sequence[int], last: int | None) -> int:
    """The widest column, `last` not before the others are narrow."""
    others = [i for i, width in enumerate(widths) if i != last and width > _ENOUGH]
    among = others if last is not None and others else range(len(widths))
    return max(among, key=lambda i: widths[i])


def listed(items: Iterable[str]) -> str:
    """The items in a row, with the separator of the reader's language."""
    return _(", ").join(items)


def labelled(name: str, value: str) -> str:
    """A name and its value on one line, with the colon of the name's script."""
    return f"{name}：{value}" if width_of(name) > len(name) else f"{name}: {value}"


def stacked(rows: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    """Each row as lines `head: cell`, empty cells left out, an empty line between rows."""
    blocks = (
        "\n".join(
            labelled(title, cell) for title, cell in zip(head, row, strict=True) if title and cell
        )
        for row in rows
    )
    return "\n\n".join(blocks)


def say_json(data: Any) -> None:
    """One JSON document on stdout, UTF-8, keys as documented."""
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """A line of data for a person, on stdout."""
    click.echo(text)


def note(text: str) -> None:
    """A remark, progress or next step, on stderr."""
    click.echo(text, err=True)


def write_over(text: str) -> None:
    """Show a passing line on the terminal's last one, cut to fit; an empty text leaves it empty."""
    room = terminal_columns() - 1
    shown = cut(text, room)
    # Carriage returns and spaces are understood by every terminal, older Windows consoles included.
    click.echo(f"\r{shown}{' ' * (room - width_of(shown))}\r{shown}", err=True, nl=False)


def use_utf8() -> None:
    """Make both streams UTF-8 where the console is not (older Windows), so that no name is lost."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(encoding="utf-8", errors="replace")
    # An ASCII standard input would stop at the first Chinese character that is piped or typed.
    read_as = getattr(sys.stdin, "reconfigure", None)
    if read_as is not None and (sys.stdin.encoding or "").lower() in _ASCII:
        read_as(encoding="utf-8", errors="replace")


def style(text: str, **styles: Any) -> str:
    """Colour where it is welcome; never the only carrier of a meaning."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return click.style(text, **styles)


def pick(mapping: Mapping[str, str], language: str) -> str:
    """The sentence in the language, English where it has none."""
    return mapping.get(language) or mapping.get("en", "")
