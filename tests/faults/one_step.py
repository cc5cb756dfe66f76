"""One step of a prepared branch in a process of its own, so that the system can fail it or kill it.

`python -m tests.faults.one_step FOLDER STEP` prints the code the step ended in, or `done`.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from agent_cli.context import DeviceContext
from fieldsync.errors import FieldsyncError
from tests.agent_cli.made_up import BEN, at
from tests.fakes import FixedClock
from tests.properties.branch import CASES, Branch, tablets_in
from tests.properties.doings import DOINGS
from tests.properties.line import laid
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


def town_after(hours: int) -> FixedClock:
    """So many hours after the branch was set up, on every clock."""
    town = FixedClock(at(10))
    town.go_on(hours=hours)
    return town


def prepare(folder: Path) -> None:
    """A day with something to send, files to keep, and something to fetch."""
    town = FixedClock(at(10))
    branch = Branch(folder / "bank", town, seed="prepared")
    first, second, _bens = tablets_in(folder, town, "prepared")
    with laid(branch.line):
        for name in ("start", "note", "agree", "finish"):
            first.do(partial(_do, name=name, case_id=CASES[2]))
        second.do(partial(_do, name="hardship", case_id=CASES[2]))
        second.sync()
        branch.edit(CASES[0])
        branch.move(CASES[3], first.officer)
    branch.close()


def main(folder: Path, step: str) -> str:
    """What came of it."""
    try:
        return _take(folder, step)
    except FieldsyncError as error:
        return error.code
    except SQLAlchemyError as error:
        return f"store: {error}"


def _take(folder: Path, step: str) -> str:
    town = town_after(hours=1)
    branch = Branch(folder / "bank", town, seed="step")
    with laid(branch.line):
        STEPS[step](branch, tablets_in(folder, town, "step")[0])
    branch.close()
    return "done"


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1]), sys.argv[2]))
