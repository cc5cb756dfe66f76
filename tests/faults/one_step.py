"""The steps of a prepared branch's day that the system fails or kills; what must be left is checked."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from agent_cli.context import DeviceContext
from fieldsync.errors import FieldsyncError
from tests.agent_cli.made_up import BEN, at
from tests.device_files import database_of
from tests.fakes import FixedClock
from tests.properties.branch import CASES, Branch, marks_in, tablets_in
from tests.properties.doings import DOINGS
from tests.properties.line import laid
from tests.properties.proofs import (
    check_agreement,
    check_journal,
    check_logs,
    check_nothing_twice,
    missing,
)
from tests.properties.tablet import Tablet

Step = Callable[[Branch, Tablet], object]


def _at_the_door(name: str) -> Step:
    return lambda _branch, tablet: tablet.do(partial(_do, name=name, case_id=CASES[0]))


def _do(ctx: DeviceContext, name: str, case_id: str) -> None:
    DOINGS[name](ctx, case_id)


STEPS: dict[str, Step] = {
    "note": _at_the_door("note"),
    "disclose": _at_the_door("hardship"),
    "sign": _at_the_door("agree"),
    "exchange": lambda _branch, tablet: tablet.sync(),
    "office edit": lambda branch, _tablet: branch.edit(CASES[1]),
    "office move": lambda branch, _tablet: branch.move(CASES[1], BEN),
}


@contextmanager
def day_in(
    folder: Path, hours: int, seed: str, *, through_line: bool = True
) -> Iterator[tuple[Branch, list[Tablet]]]:
    """The branch of a folder with its devices, so many hours after it was set up, on every clock.

    Without the line, devices reach whatever listens at their addresses.
    """
    town = FixedClock(at(10))
    town.go_on(hours=hours)
    branch = Branch(folder / "bank", town, seed=seed)
    way = laid(branch.line) if through_line else nullcontext()
    with way, marks_in(folder):
        yield branch, tablets_in(folder, town, seed)
    branch.close()


def prepare(folder: Path) -> None:
    """A day with something to send, files to keep, and something to fetch."""
    with day_in(folder, 0, "prepared") as (branch, (first, second, _bens)):
        for name in ("start", "note", "agree", "finish"):
            first.do(partial(_do, name=name, case_id=CASES[2]))
        second.do(partial(_do, name="hardship", case_id=CASES[2]))
        second.sync()
        branch.edit(CASES[0])
        branch.move(CASES[3], first.officer)


def take_step(folder: Path, step: str) -> str:
    """The code the step ended in, or `done`."""
    try:
        return _take(folder, step)
    except FieldsyncError as error:
        return error.code
    except SQLAlchemyError as error:
        return f"store: {error}"
    except OSError as error:
        # As every command tells it in words (fieldsync/terminal/system_errors.py).
        return f"system: {error}"


def _take(folder: Path, step: str) -> str:
    with day_in(folder, 1, "step") as (branch, tablets):
        STEPS[step](branch, tablets[0])
    return "done"


def check_left(folder: Path, rounds: int = 2) -> None:
    """Everything of G1-G5 that a fault must leave, first as it lies, then after a clean exchange."""
    homes = [path.parent for path in folder.glob("tablet-*/field.db")]
    opened = [database_of(home) for home in homes]
    for database in (*opened, sqlite3.connect(folder / "bank" / "fieldsync.db")):
        with closing(database) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with day_in(folder, 2, "afterwards") as (branch, tablets):
        for tablet in tablets:
            tablet.take_note()
            check_journal(tablet.home)
        assert not missing(check_logs(branch), tablets)
        for _ in range(rounds):
            for tablet in tablets:
                tablet.sync()
        check_nothing_twice(branch)
        for tablet in tablets:
            check_agreement(branch, tablet)
