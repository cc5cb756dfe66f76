"""The state machine: three devices, a server and an office, and everything that may go wrong between them."""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent_cli.actions.exchange import Progress
from fieldsync.errors import ConflictError, FieldsyncError
from fieldsync.sync.outcome import OutcomeKind
from server.store.engine import reading
from server.store.operations import find_operations
from server.workflow.review_operations import decide
from tests.properties.branch import CASES, OWNERS, copied, marks_in, tablets_in
from tests.properties.doings import DOINGS, attempt
from tests.properties.line import Fault, laid
from tests.properties.proofs import (
    check_agreement,
    check_journal,
    check_kept_apart,
    check_logs,
    check_nothing_twice,
    missing,
)
from tests.properties.tablet import Tablet
from tests.server.postgresql import Cluster

PLACES = st.integers(0, len(OWNERS) - 1)
CASE_IDS = st.sampled_from(CASES)
DAY = st.lists(st.tuples(st.sampled_from(sorted(DOINGS)), CASE_IDS), min_size=1, max_size=4)
MINUTES = st.sampled_from((1, 20, 300))
FAULTS = st.lists(st.sampled_from(list(Fault)), max_size=4)
# An undisturbed exchange of every device, so many times, leaves nobody with anything to say.
ROUNDS = 5
_PARTED = "409.65"
# What a bad line may make of an exchange: no answer, a proxy's answer, or the answer to the same twice.
_OF_THE_LINE = frozenset({401, 500, 503, 504})


@dataclass(frozen=True, slots=True)
class Template:
    """A branch set up once, to be copied for each run."""

    folder: Path
    cluster: Cluster | None = None
    database: str = ""


class SyncMachine(RuleBasedStateMachine):
    """One run of the branch; `steps` and `faults` count over all runs."""

    template: ClassVar[Template]
    steps: ClassVar[int] = 0
    faults: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="fieldsync-machine-"))
        own = self.template
        self.branch = copied(own.folder, self.folder, own.cluster, own.database)
        self.tablets = tablets_in(self.folder, self.branch.town, "run")
        self.stack = ExitStack()
        self.stack.enter_context(laid(self.branch.line))
        self.stack.enter_context(marks_in(self.folder))
        # What a server restored from a copy has yet to get back from the devices.
        self.owed: set[tuple[str, int]] = set()
        self.has_copy = True
        for tablet in self.tablets:
            tablet.copy = own.folder / tablet.home.name
            tablet.take_note()

    def teardown(self) -> None:
        """Every run ends in quiet, and leaves nothing."""
        try:
            self.settle()
        finally:
            type(self).faults += self.branch.line.injected
            self.stack.close()
            self.branch.close()
            self.branch.drop_databases()
            shutil.rmtree(self.folder)

    @rule(place=PLACES, doings=DAY)
    def work(self, place: int, doings: list[tuple[str, str]]) -> None:
        """An officer does some things without any network."""
        for name, case_id in doings:
            self.tablets[place].do(partial(attempt, name=name, case_id=case_id))

    @rule(place=PLACES, doings=DAY, faults=FAULTS)
    def work_and_talk(self, place: int, doings: list[tuple[str, str]], faults: list[Fault]) -> None:
        """The same, and an exchange in the evening."""
        self.work(place, doings)
        self.talk(place, faults)

    @rule(place=PLACES, faults=FAULTS)
    def talk(self, place: int, faults: list[Fault]) -> None:
        """A device exchanges over a line that may fail."""
        self.branch.line.plan.extend(faults)
        try:
            self._sync(self.tablets[place])
        except FieldsyncError as error:
            if not faults or error.http_status not in _OF_THE_LINE:
                raise
        self.branch.line.plan.clear()

    @rule(place=PLACES, hours=st.sampled_from((-72, -2, 0, 2, 48)), minutes=MINUTES)
    def pass_time(self, place: int, hours: int, minutes: int) -> None:
        """Time goes on for everybody, and one device's clock is wrong from now on, or right again."""
        self.tablets[place].clock.skew = timedelta(hours=hours)
        self.branch.town.go_on(minutes=minutes)

    @rule(name=st.sampled_from(("move", "move", "edit", "hold")), case_id=CASE_IDS, place=PLACES)
    def change(self, name: str, case_id: str, place: int) -> None:
        """The office moves a case between officers, stops collection, or the bank tells it anew."""
        if name == "move":
            self.branch.move(case_id, OWNERS[place])
        elif name == "hold":
            self.branch.hold(case_id)
        else:
            self.branch.edit(case_id)

    @rule(accept=st.booleans())
    def review(self, *, accept: bool) -> None:
        """A person decides on what waits, unless it contradicts what was decided before."""
        with reading(self.branch.ctx.engine) as conn:
            waiting = find_operations(conn, [OutcomeKind.IN_REVIEW])
        for stored in waiting[:1]:
            try:
                op_id = stored.operation.op_id
                decide(self.branch.ctx, op_id, accept=accept, reason="looked at", by="mei")
            except ConflictError as error:
                if error.code != "409.47":
                    raise

    @rule(place=st.one_of(PLACES, st.none()))
    def copy(self, place: int | None) -> None:
        """Somebody copies the folder of a device, or the office makes a backup of the server."""
        if place is not None:
            self.tablets[place].back_up()
        elif not self.owed:
            self.branch.back_up()
            self.has_copy = True

    @rule(place=st.one_of(PLACES, st.none()))
    def put_back(self, place: int | None) -> None:
        """An older copy is put back: what came to the server since is owed by the devices."""
        if place is None and self.has_copy:
            self.branch.put_back()
            self.owed = missing(check_logs(self.branch), self.tablets)
        elif place is not None and self.tablets[place].copy is not None and not self.owed:
            # From now on no copy of the server: what only this device could give back is gone with it.
            self.has_copy = False
            self.tablets[place].put_back()

    @rule()
    def settle(self) -> None:
        """The line is good and everybody exchanges until nobody has anything left to say: all agree."""
        self.branch.line.deliver_late()
        for _ in range(ROUNDS):
            moved = [self._sync(tablet) for tablet in self.tablets]
            if not any(done.sent or done.received for done in moved):
                break
        else:
            raise AssertionError("it never became quiet")
        self.owed.clear()
        self.nothing_is_lost()
        check_nothing_twice(self.branch)
        check_kept_apart(self.branch, self.tablets)
        for tablet in self.tablets:
            check_agreement(self.branch, tablet)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Logs are whole on both sides, and what was acknowledged is there."""
        type(self).steps += 1
        for tablet in self.tablets:
            check_journal(tablet.home)
        self.owed &= (lost := missing(check_logs(self.branch), self.tablets))
        assert lost <= self.owed

    def _sync(self, tablet: Tablet) -> Progress:
        """Exchange; a device whose log is not the server's any more begins anew in another folder."""
        try:
            return tablet.sync()
        except ConflictError as error:
            if error.code != _PARTED:
                raise
        plan = list(self.branch.line.plan)
        self.branch.line.plan.clear()
        self.has_copy = False
        tablet.begin_anew(self.branch.code_for(tablet.officer))
        self.branch.line.plan.extend(plan)
        return Progress(sent=1)
