"""Breaks text into lines by the columns it takes: Chinese may break between any two characters, almost."""

from collections.abc import Iterator

from fieldsync.terminal.output import width_of

# Kinsoku: what may not begin a line, and what may not end one.
_NO_START = frozenset("，。；：！？、）」』】》”’…%％,.;:!?)]}")
_NO_END = frozenset("（「『【《“‘([{")


def is_wide(text: str) -> bool:
    """Whether any character takes two columns."""
    return width_of(text) > len(text)


def wrap(text: str, columns: int) -> list[str]:
    """The text in lines of at most that many columns; a word that is wider stands alone."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and width_of((line + piece).rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> Iterator[str]:
    """What must stay together; a space belongs to the piece before it."""
    start = 0
    for place in range(1, len(text)):
        if _may_break(text[place - 1], text[place]):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]


def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return True
    if after == " " or after in _NO_START or before in _NO_END:
        return False
    return is_wide(before) or is_wide(after)
