"""Devices and the office at work at the same moment, each in a thread of its own, over the real app."""

import contextlib
import dataclasses
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, insert, select

from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError
from server.app import create_app
from server.context import ServerContext
from server.store.assignments import assign
from server.store.cases import save_bank_parts
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.retrying import retried
from server.store.tables import agent_counters, agent_feed, officers
from server.workflow.enrol_device import make_code
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.case_files import case_file
from tests.server.field_device import FieldDevice
from tests.server.test_exchange_properties import (
    ANA,
    BEN,
    CASES,
    OWNERS,
    Copy,
    _check,
    _office,
    _work,
)

ROUNDS = 8
KINDS = ("start", "finish", "disclose", "note")
DEEDS = ("hold", "swap", "accept", "refuse")
_office_again = retried(_office)


def test_copies_agree_while_everybody_writes(server: ServerContext, clock: FixedClock) -> None:
    """Each complete pull has its digest, and at the end every record one outcome, every agent one view."""
    copies = _enrolled(server, clock)
    with ThreadPoolExecutor(len(copies) + 1) as pool:
        parts = [pool.submit(_field, copy, number) for number, copy in enumerate(copies)]
        parts.append(pool.submit(_desk, server))
        for part in parts:
            part.result()
    for copy in copies * 2:
        copy.sync()
    _check(server, copies)
    assert copies[0].rows == copies[1].rows
    with reading(server.engine) as conn:
        for row in conn.execute(select(agent_counters)).all():
            highest = select(func.max(agent_feed.c.fseq)).where(agent_feed.c.agent == row.agent)
            assert conn.execute(highest).scalar_one() == row.n


def _enrolled(server: ServerContext, clock: FixedClock) -> list[Copy]:
    """Two devices of Ana and one of Ben, who share a case; Ben has another to himself."""
    now = server.clock.now()
    with writing(server.engine) as conn:
        conn.execute(insert(officers), [dataclasses.asdict(officer) for officer in (ANA, BEN)])
        save_bank_parts(conn, [case_file("C-1"), case_file("C-2")], now)
        for case_id, owner in (("C-1", ANA), ("C-1", BEN), ("C-2", BEN)):
            assign(conn, server.new_id(), case_id, owner.officer_id, now)
        publish(conn, share_cases(conn, ["C-1", "C-2"]), now)
    app = create_app(server)
    return [
        _enrol(server, FieldDevice(app.test_client(), clock, f"device-{place}"), owner)
        for place, owner in enumerate(OWNERS)
    ]


def _enrol(server: ServerContext, device: FieldDevice, owner: Officer) -> Copy:
    code, _until = make_code(server, owner.officer_id, timedelta(hours=1))
    assert device.enrol(code).status_code == 200
    return Copy(device)


def _field(copy: Copy, seed: int) -> None:
    """One officer's day: two records, then an exchange; some replies are lost."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    for _ in range(ROUNDS):
        for _record in range(2):
            _work(copy, chance.choice(KINDS), chance.choice(CASES))
        if chance.random() < 0.3:
            copy.exchange(copy.acknowledged)
        copy.sync()


def _desk(server: ServerContext) -> None:
    """The office meanwhile: holds, cases moved between officers, decisions; some are refused (409.4x)."""
    chance = random.Random(7)  # noqa: S311 - seeded, not secret
    for _ in range(2 * ROUNDS):
        deed, owner, case_id = chance.choice(DEEDS), chance.choice(OWNERS), chance.choice(CASES[:2])
        with contextlib.suppress(ConflictError):
            _office_again(server, deed, owner, case_id)
