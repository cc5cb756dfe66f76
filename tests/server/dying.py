"""A process that dies at its n-th change of the disk, and changes nothing more after that."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_CHANGES: tuple[tuple[object, str], ...] = (
    (os, "fsync"),
    (Path, "rename"),
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (shutil, "rmtree"),
)


class DiedError(BaseException):
    """The process is gone; nothing of the product may catch this."""


@dataclass(slots=True)
class Life:
    """How many changes of the disk there were, and whether the process died of one."""

    changes: int = 0
    is_over: bool = False


@contextmanager
def dying_at(change: int) -> Iterator[Life]:
    """Die in place of the `change`-th sync, rename, removal or new folder; the block just ends then."""
    life = Life()

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def once(*args: Any, **kwargs: Any) -> Any:
            life.changes += 1
            # A dead process tidies up nothing: what comes after dies as well.
            if life.changes >= change:
                life.is_over = True
                raise DiedError
            return real(*args, **kwargs)

        return once

    with pytest.MonkeyPatch.context() as patched, suppress(DiedError):
        for owner, name in _CHANGES:
            patched.setattr(owner, name, counted(getattr(owner, name)))
        yield life
