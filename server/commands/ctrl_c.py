"""Lets Ctrl-C end a long search in order: the first time with its best so far, the second time at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from fieldsync.locale import _


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """A question that a search asks between its steps: has somebody pressed Ctrl-C?"""
    asked: list[int] = []

    def heard(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        click.echo(
            _("Stopping with the best plan so far; Ctrl-C again stops without one."), err=True
        )

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)
