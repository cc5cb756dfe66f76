"""A real training server on loopback for the device's tests: four cases, two officers, one day."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import insert
from werkzeug.serving import BaseWSGIServer, make_server

from agent_cli.main import build_group
from fieldsync.domain.codec import to_builtins, to_json
from fieldsync.domain.officer import Officer
from fieldsync.sync.feed import FeedOp, FeedRow
from server.app import create_app
from server.context import ServerContext, open_server
from server.store import tables
from server.store.cases import save_bank_parts
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from server.workflow.enrol_device import make_code
from server.workflow.initialise import initialise
from server.workflow.share_cases import share_cases
from tests.agent_cli.made_up import ANA, BEN, KEYS, Device, make_case, make_itinerary


@dataclass(slots=True)
class Bank:
    """A training server, its address, and a way to cut it off."""

    ctx: ServerContext
    home: Path
    port: int = 0
    http: BaseWSGIServer | None = None

    @property
    def url(self) -> str:
        """Where devices find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer on loopback, on the same port after a stop."""
        self.http = make_server("127.0.0.1", self.port, create_app(self.ctx), threaded=True)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Leave the network."""
        if self.http is not None:
            self.http.shutdown()
            self.http.server_close()
            self.http = None


@contextmanager
def open_bank(home: Path) -> Iterator[Bank]:
    """A server with Ana's and Ben's branch and four cases assigned to both, while the block runs."""
    initialise(home, training=True)
    ctx = open_server(str(home))
    now = ctx.clock.now()
    cases = [make_case(number) for number in (1, 2, 3, 4)]
    with writing(ctx.engine) as conn:
        for officer in (ANA, BEN):
            conn.execute(
                insert(tables.officers).values(
                    officer_id=officer.officer_id,
                    branch=officer.branch,
                    name=officer.name,
                    secret=to_json(KEYS[officer.officer_id]),
                )
            )
        save_bank_parts(conn, cases, now)
        for case in cases:
            for officer in (ANA, BEN):
                conn.execute(
                    insert(tables.assignments).values(
                        assignment_id=ctx.new_id(),
                        case_id=case.case_id,
                        officer_id=officer.officer_id,
                        since=now - timedelta(days=1),
                    )
                )
        changes = share_cases(conn, [case.case_id for case in cases])
        day = FeedRow("itinerary:I-1", FeedOp.PUT, 1, to_builtins(make_itinerary()))
        changes += [AgentChange(officer.officer_id, day) for officer in (ANA, BEN)]
        publish(conn, changes, now)
    bank = Bank(ctx, home)
    bank.start()
    yield bank
    bank.stop()
    ctx.engine.dispose()


def enrolled(bank: Bank, home: Path, officer: Officer) -> Device:
    """A device that has used a fresh code."""
    code, _until = make_code(bank.ctx, officer.officer_id, timedelta(hours=1))
    device = Device(home)
    result = enrol(device, bank.url, code)
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    return device


def enrol(device: Device, url: str, code: str) -> Result:
    """`fieldsync enroll` with the code on standard input."""
    args = ["--home", str(device.home), "enroll", url, "--code-file", "-"]
    return CliRunner().invoke(build_group(), args, input=code + "\n")


def synced(device: Device) -> dict[str, object]:
    """`fieldsync sync --json`, which must succeed."""
    result = device.run("sync", "--json")
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    facts: dict[str, object] = json.loads(result.stdout)
    return facts


def states(device: Device) -> list[tuple[str, str]]:
    """Kind and state of every record."""
    found = json.loads(device.run("status", "--json").stdout)["operations"]
    return [(operation["kind"], operation["state"]) for operation in found]
