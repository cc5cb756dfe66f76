"""The state machine is worth its time: each fault put into the programs on purpose makes it fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine

from fieldsync.domain.codec import from_json
from fieldsync.errors import FieldsyncError
from fieldsync.sync.messages import Receipt, SyncResponse
from tests.properties.machine import Template
from tests.properties.test_sync_machine import play

Patch = Callable[[pytest.MonkeyPatch], None]
RUNS = 25


@contextmanager
def _never_kept(engine: Engine) -> Iterator[Connection]:
    """A write that is answered and then undone."""
    with engine.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


def _believed(_ctx: object, answer: SyncResponse) -> Receipt:
    """A receipt that nobody compared with the own log."""
    return from_json(answer.receipt.body, Receipt)


def acknowledged_too_early(patch: pytest.MonkeyPatch) -> None:
    """The server answers before it has kept what it was sent."""
    patch.setattr("server.workflow.exchange.writing", _never_kept)


def receipt_not_compared(patch: pytest.MonkeyPatch) -> None:
    """The device does not hold the receipt against its own log."""
    patch.setattr("agent_cli.actions.exchange.verified_receipt", _believed)


def removal_ignored(patch: pytest.MonkeyPatch) -> None:
    """A case that left the officer's scope stays on the device."""
    patch.setattr("agent_cli.store.applying._remove", lambda _conn, _key: ())


def cursor_kept_without_its_rows(patch: pytest.MonkeyPatch) -> None:
    """The device moves its cursor on and loses the page, and compares no digest."""
    patch.setattr("agent_cli.store.staging.stage", lambda _conn, _rows: None)
    patch.setattr("agent_cli.actions.apply_pull._compare", lambda _conn, _digest: None)


def change_not_told(patch: pytest.MonkeyPatch) -> None:
    """What a record changed in a case is told to no device."""
    patch.setattr("server.workflow.settle_operations.share_cases", lambda _conn, _ids: [])


FAULTS: tuple[Patch, ...] = (
    acknowledged_too_early,
    receipt_not_compared,
    removal_ignored,
    cursor_kept_without_its_rows,
    change_not_told,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_finds(fault: Patch, sqlite_branch: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its small budget the machine fails."""
    fault(monkeypatch)
    with pytest.raises((AssertionError, FieldsyncError)):
        play(sqlite_branch, RUNS)
