"""The bank of the state machine: a real server with two officers and four cases, copied for each run."""

import dataclasses
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from agent_cli.install_mark import STATE_VARIABLE
from fieldsync.domain.case import Case, Hold, HoldKind
from fieldsync.domain.codec import to_json
from fieldsync.domain.officer import Officer
from server.app import create_app
from server.config import DATABASE_VARIABLE, load_config
from server.context import ServerContext, context_of
from server.store import tables
from server.store.assignments import assign, end_assignment, officers_of
from server.store.cases import add_hold, load_bank_parts, save_bank_parts
from server.store.engine import writing
from server.store.feed import publish
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.share_cases import share_cases
from tests.agent_cli.made_up import ANA, BEN, KEYS, at, make_case
from tests.fakes import FixedClock, SeededRandomness
from tests.properties.line import Line, laid
from tests.properties.tablet import SkewedClock, Tablet
from tests.server.postgresql import Cluster

OWNERS = (ANA, ANA, BEN)
CASES = tuple(make_case(number).case_id for number in (1, 2, 3, 4))


def marked(number: int, edition: int = 1) -> Case:
    """A case whose account number stands nowhere else, so that its traces can be searched for."""
    case = make_case(number)
    loan = dataclasses.replace(case.loan, account_ref=marker(case.case_id))
    name = f"{case.borrower.name}{edition}"
    borrower = dataclasses.replace(case.borrower, name=name)
    return dataclasses.replace(case, loan=loan, borrower=borrower, version=edition)


def marker(case_id: str) -> str:
    """What is found wherever a case file is held."""
    return f"ACCOUNT-{case_id}-ONLY"


@dataclass(slots=True)
class Branch:
    """The server, its office, and the line to it; `cluster` where its store is PostgreSQL."""

    home: Path
    town: FixedClock
    cluster: Cluster | None = None
    database: str = ""
    kept: Path = Path()
    kept_database: str = ""
    seed: str = "run"
    own_databases: list[str] = field(default_factory=list)
    randomness: SeededRandomness = field(init=False)
    line: Line = field(init=False)
    ctx: ServerContext = field(init=False)

    def __post_init__(self) -> None:
        self.randomness = SeededRandomness(f"office-{self.seed}")
        self.line = Line(FlaskClient(create_app(self._opened())))

    def _opened(self) -> ServerContext:
        config = load_config(str(self.home))
        if self.cluster is not None:
            url = self.cluster.url(self.database)
            config = dataclasses.replace(config, database_url=url)
        opened = context_of(config)
        self.ctx = dataclasses.replace(opened, clock=self.town, randomness=self.randomness)
        return self.ctx

    def close(self) -> None:
        """End every connection."""
        self.ctx.engine.dispose()

    def back_up(self) -> None:
        """Copy the folder of the server, and its store where that lies elsewhere."""
        self.close()
        self.kept = self.home.with_name("kept")
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.home, self.kept)
        if self.cluster is not None:
            self.kept_database = self.cluster.make_database(self.database)
            self.own_databases.append(self.kept_database)

    def put_back(self) -> None:
        """Put the copy in the place of what there is, and start again."""
        self.close()
        shutil.rmtree(self.home)
        shutil.copytree(self.kept, self.home)
        if self.cluster is not None:
            self.cluster.drop_database(self.database)
            self.database = self.cluster.make_database(self.kept_database)
        self.line.client = create_app(self._opened()).test_client()

    def drop_databases(self) -> None:
        """Leave nothing in the cluster."""
        if self.cluster is not None:
            for name in (self.database, *self.own_databases):
                self.cluster.drop_database(name)

    def code_for(self, officer: Officer) -> str:
        """An enrolment code."""
        return make_code(self.ctx, officer.officer_id, timedelta(hours=1))[0]

    def move(self, case_id: str, officer: Officer) -> None:
        """Give an officer the case, or take it where they have it."""
        now = self.ctx.clock.now()
        with writing(self.ctx.engine) as conn:
            if officer.officer_id in officers_of(conn, [case_id]).get(case_id, ()):
                end_assignment(conn, case_id, officer.officer_id, now)
            else:
                assign(conn, self.ctx.new_id(), case_id, officer.officer_id, now)
            publish(conn, share_cases(conn, [case_id]), now)

    def edit(self, case_id: str) -> None:
        """The bank's book tells the case anew."""
        now = self.ctx.clock.now()
        with writing(self.ctx.engine) as conn:
            version = load_bank_parts(conn, [case_id])[case_id].version + 1
            save_bank_parts(conn, [marked(CASES.index(case_id) + 1, version)], now)
            publish(conn, share_cases(conn, [case_id]), now)

    def hold(self, case_id: str) -> None:
        """The office stops collection on a case."""
        now = self.ctx.clock.now()
        with writing(self.ctx.engine) as conn:
            add_hold(conn, case_id, Hold(self.ctx.new_id(), HoldKind.OFFICE, now))
            publish(conn, share_cases(conn, [case_id]), now)


def make_template(folder: Path, cluster: Cluster | None = None) -> str:
    """A branch whose three devices are enrolled and have synced once; the name of its database, if any.

    It lies in the folders `bank`, `tablet-0` to `tablet-2`, and `state` with the devices' marks.
    """
    town = FixedClock(at(10))
    database = "" if cluster is None else cluster.make_database()
    with pytest.MonkeyPatch.context() as patched:
        if cluster is not None:
            patched.setenv(DATABASE_VARIABLE, cluster.url(database))
        initialise(folder / "bank", training=True)
    branch = Branch(folder / "bank", town, cluster, database, seed="template")
    _fill(branch)
    with laid(branch.line), marks_in(folder):
        for tablet in tablets_in(folder, town, "template"):
            tablet.join(branch.code_for(tablet.officer))
            tablet.sync()
    branch.close()
    return database


def _fill(branch: Branch) -> None:
    now = branch.ctx.clock.now()
    with writing(branch.ctx.engine) as conn:
        rows = [
            {**dataclasses.asdict(one), "secret": to_json(KEYS[one.officer_id])}
            for one in (ANA, BEN)
        ]
        conn.execute(insert(tables.officers), rows)
        save_bank_parts(conn, [marked(number) for number in (1, 2, 3, 4)], now)
        for case_id in CASES:
            for officer in (ANA, BEN):
                at_first = now - timedelta(days=1)
                assign(conn, branch.ctx.new_id(), case_id, officer.officer_id, at_first)
        publish(conn, share_cases(conn, CASES), now)


def tablets_in(folder: Path, town: FixedClock, seed: str) -> list[Tablet]:
    """The three devices of a folder."""
    return [
        Tablet(folder / f"tablet-{n}", owner, SkewedClock(town), SeededRandomness(f"{seed}-{n}"))
        for n, owner in enumerate(OWNERS)
    ]


@contextmanager
def marks_in(folder: Path) -> Iterator[None]:
    """The marks of installations are this folder's while the block runs, as if it were a user's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(STATE_VARIABLE, str(folder / "state"))
        yield


def copied(template: Path, folder: Path, cluster: Cluster | None, database: str) -> Branch:
    """The bank of a copy of the template, which is its first backup; its devices: `tablets_in(folder)`."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    own = "" if cluster is None else cluster.make_database(database)
    kept = template / "bank"
    return Branch(folder / "bank", FixedClock(at(10)), cluster, own, kept, database)
