"""Cuts long lists of ids into pieces that fit one statement: stores limit how many values it may bind."""

from collections.abc import Iterator, Sequence

_IDS_A_STATEMENT = 500


def chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids in order, at most 500 at a time."""
    for begin in range(0, len(ids), _IDS_A_STATEMENT):
        yield list(ids[begin : begin + _IDS_A_STATEMENT])
