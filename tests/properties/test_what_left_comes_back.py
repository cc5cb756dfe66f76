"""G5 with G8 on both stores: what left every device, unreadable there, refills a server that was put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fieldsync.adapters.seal_fields import OFFICE_FIELD
from tests.conftest import Proven
from tests.properties.branch import CASES
from tests.properties.machine import SyncMachine, Template
from tests.properties.proofs import check_logs, check_no_trace
from tests.properties.test_sync_machine import SEED

ANAS = 0
CASE = CASES[0]


@pytest.fixture(params=["sqlite_branch", "postgresql_branch"])
def template(request: pytest.FixtureRequest) -> Template:
    """The branch on each store."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Template)
    return found


@contextmanager
def played(template: Template) -> Iterator[SyncMachine]:
    """One run of the state machine whose steps the test chooses; it ends in quiet, as every run does."""

    class Machine(SyncMachine):
        steps = 0
        faults = 0

    Machine.template = template
    machine = Machine()
    try:
        yield machine
    finally:
        machine.teardown()


def test_a_case_taken_back_after_acceptance(template: Template, proven: Proven) -> None:
    """A copy of the server, a day's records, the case taken from its officer, the copy put back.

    Meanwhile no file of the device holds a word of the case, and afterwards the server has every
    record that it had acknowledged.
    """
    with played(template) as machine:
        tablet = machine.tablets[ANAS]
        machine.copy(None)
        machine.work_and_talk(ANAS, [("note", CASE), ("agree", CASE), ("hardship", CASE)], [])
        assert any(tablet.acknowledged.values())
        machine.change("move", CASE, ANAS)
        machine.settle()
        check_no_trace(tablet, [CASE])
        before = check_logs(machine.branch)
        files = _files(machine.branch.home)
        assert len(files) == 2
        machine.put_back(None)
        assert machine.owed
        assert check_logs(machine.branch) != before
        assert _files(machine.branch.home) == set()
        machine.settle()
        assert check_logs(machine.branch) == before
        assert _files(machine.branch.home) == files
        # The copy remembers the case as hers, so the office takes it back again.
        machine.change("move", CASE, ANAS)
        machine.settle()
        check_no_trace(tablet, [CASE])
    proven(("G5", "G8"), faults=0, steps=machine.steps, seed=SEED)


def _files(home: Path) -> set[str]:
    """The names of the files that the server has received; the office's own sealed copies left aside."""
    kept = [path for path in (home / "blobs").rglob("*") if len(path.name) == 64]
    return {path.name for path in kept if OFFICE_FIELD.encode() not in path.read_bytes()}
