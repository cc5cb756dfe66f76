"""A server set up in a folder of the test, its clock standing still, with two branches' officers.

Tests of what the store keeps run twice: on SQLite and on a PostgreSQL of their own.
"""

import dataclasses
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from fieldsync.domain.case import Borrower, Case, Hold, HoldKind
from fieldsync.domain.officer import Officer
from fieldsync.sync.operation import Operation
from server.app import create_app
from server.context import ServerContext, open_server
from server.limit_settings import LimitSettings
from server.store.assignments import assign
from server.store.cases import add_hold, save_bank_parts
from server.store.engine import writing
from server.store.feed import publish
from server.store.tables import officers
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.case_files import agreement, case_file
from tests.server.field_device import FieldDevice
from tests.server.postgresql import Cluster, running_cluster

DeviceMaker = Callable[[Officer, str], FieldDevice]
CaseGiver = Callable[..., Case]
Recorder = Callable[..., Operation]
FILES = (b"the document", b"the signature")
HOLD = "0192f6a4-0000-7000-8000-00000000beef"


# Modules about the file that SQLite keeps, or about no store at all.
_SQLITE_ALONE = frozenset(
    {
        "test_broken_store",
        "test_serving",
        "test_api_document",
        "test_api_identities",
        "test_office_document",
        "test_answer_headers",
        "test_other_tus_clients",
        "test_files_in_a_bucket",
        "test_import_commands",
        "test_postgresql_journey",
    }
)
# Modules about what only PostgreSQL does.
_POSTGRESQL_ALONE = frozenset({"test_postgresql_store"})
# Where a store could go its own way: these run on PostgreSQL in every run, the others in `test-all`.
_ON_BOTH_ALWAYS = frozenset(
    {
        "test_push",
        "test_pull",
        "test_review",
        "test_stopping",
        "test_hardship_team",
        "test_enrolment",
        "test_files",
        "test_uploads",
        "test_import_staff",
        "test_import_cases",
        "test_publish_itineraries",
        "test_visits_count",
        "test_migrations",
        "test_overlapping_exchanges",
        "test_repair",
        "test_quarantine",
        "test_quarantine_review",
        "test_import_rescue",
        "test_urgent",
        "test_restored_store",
        "test_sealed_records",
        "test_prune",
        "test_protocol_versions",
        "test_check_in_on_receipt",
        "test_visit_records",
        "test_complaints",
        "test_corrections",
        "test_office_work",
        "test_audit",
    }
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of the store on both stores."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if "store_url" not in metafunc.fixturenames or module in _SQLITE_ALONE:
        return
    if module in _POSTGRESQL_ALONE:
        metafunc.parametrize("store_url", ["postgresql"], indirect=True)
        return
    marks = () if module in _ON_BOTH_ALWAYS else (pytest.mark.slow,)
    metafunc.parametrize(
        "store_url", ["sqlite", pytest.param("postgresql", marks=marks)], indirect=True
    )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL, once for each worker that needs one."""
    # Not in pytest's own folder, which only we may enter: PostgreSQL may run as another user.
    with (
        tempfile.TemporaryDirectory(prefix="fieldsync-postgresql-") as folder,
        running_cluster(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def postgresql_url(cluster: Cluster) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with every table."""
    name = cluster.make_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture
def store_url(request: pytest.FixtureRequest) -> str:
    """Where the test's server keeps its store; empty for the file in its folder."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a server that nobody has used; tests copy it, for to set one up takes far longer."""
    home = tmp_path_factory.mktemp("set-up") / "bank"
    initialise(home, training=False, database="")
    return home


@pytest.fixture
def server_home(tmp_path: Path, store_url: str, set_up_once: Path) -> Path:
    """The folder of a fresh server."""
    home = tmp_path / "bank"
    if store_url:
        initialise(home, training=False, database=store_url)
    else:
        shutil.copytree(set_up_once, home)
    return home


@pytest.fixture
def server(server_home: Path, clock: FixedClock) -> Iterator[ServerContext]:
    """The server's context on a real store, with the test's clock; nobody works there yet."""
    context = dataclasses.replace(open_server(str(server_home)), clock=clock)
    yield context
    context.engine.dispose()


@pytest.fixture
def staffed(server: ServerContext, ana: Officer, ben: Officer, cy: Officer) -> ServerContext:
    """The same server, where Ana and Ben work at one branch and Cy at another."""
    with writing(server.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ana, ben, cy)])
    return server


@pytest.fixture
def limits() -> LimitSettings:
    """How much a device and an address may ask; a module that asks more has its own."""
    return LimitSettings()


@pytest.fixture
def client(staffed: ServerContext, limits: LimitSettings) -> FlaskClient:
    """A client of the app over the staffed server."""
    limited = dataclasses.replace(staffed.config, limits=limits)
    return create_app(dataclasses.replace(staffed, config=limited)).test_client()


@pytest.fixture
def enrolled(staffed: ServerContext, client: FlaskClient, clock: FixedClock) -> DeviceMaker:
    """Makes an enrolled device of an officer: `enrolled(ana, "tablet")`."""

    def make(officer: Officer, name: str) -> FieldDevice:
        code, _until = make_code(staffed, officer.officer_id, timedelta(hours=1))
        device = FieldDevice(client, clock, name)
        answer = device.enrol(code)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return device

    return make


@pytest.fixture
def device(enrolled: DeviceMaker, ana: Officer) -> FieldDevice:
    """Ana's enrolled device."""
    return enrolled(ana, "ana")


@pytest.fixture
def give(staffed: ServerContext) -> CaseGiver:
    """Imports a case and assigns it: `give(ana, ben, case_id="C-2")`."""

    def give_case(*to: Officer, case: Case | None = None) -> Case:
        given = case or case_file()
        now = staffed.clock.now()
        with writing(staffed.engine) as conn:
            save_bank_parts(conn, [given], now)
            for officer in to:
                assign(conn, staffed.new_id(), given.case_id, officer.officer_id, now)
            publish(conn, share_cases(conn, [given.case_id]), now)
        return given

    return give_case


@pytest.fixture
def recorded(device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer) -> Recorder:
    """Brings an agreement into review: its sums differ; `waived` gives something up, `borrower` names."""

    def record(*, waived: bool = False, borrower: str = "李梅") -> Operation:
        names = [hashlib.sha256(content).hexdigest() for content in FILES]
        made = dataclasses.replace(case_file(), borrower=Borrower(borrower, "440305198001011234"))
        payload = agreement(
            device.new_id(), give(ana, case=made), device.clock.now(), (ana, ben), names
        )
        payload["quote"]["total_payable"]["amount_minor"] += 100
        if waived:
            amount = {"amount_minor": 5000, "currency": "CNY"}
            payload["quote"]["terms"]["waived"] = [{"component": "fees", "amount": amount}]
        operation = device.record("agreement.sign", "C-1", payload, files=FILES)
        device.sync()
        for name, content in zip(names, FILES, strict=True):
            device.send("PUT", f"/api/v1/blobs/{name}", content)
        return operation

    return record


@pytest.fixture
def held(staffed: ServerContext, give: CaseGiver, ana: Officer) -> str:
    """A case with a hold of the office; the hold's id."""
    give(ana)
    with writing(staffed.engine) as conn:
        add_hold(conn, "C-1", Hold(HOLD, HoldKind.OFFICE, staffed.clock.now(), "office"))
    return HOLD
