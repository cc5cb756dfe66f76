"""How a stop on collection spreads: who is told, and from when on the server knows that they know."""

from datetime import datetime

from sqlalchemy import event, select

from fieldsync.domain.officer import Officer
from server.context import ServerContext
from server.store.conduct_tables import hold_spread
from server.store.engine import reading, writing
from server.store.feed import publish
from server.workflow.share_cases import share_cases
from tests.fakes import FixedClock
from tests.server.case_files import disclosure
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice


def known(ctx: ServerContext) -> dict[str, datetime | None]:
    """By officer: when the server learned that they know of the one hold."""
    with reading(ctx.engine) as conn:
        rows = conn.execute(select(hold_spread.c.agent, hold_spread.c.known_at))
        return {row.agent: row.known_at for row in rows}


def places(ctx: ServerContext, officer: Officer) -> list[int]:
    """Where the officer's feed tells the holds."""
    with reading(ctx.engine) as conn:
        query = select(hold_spread.c.fseq).where(hold_spread.c.agent == officer.officer_id)
        return list(conn.execute(query).scalars())


def tell_hardship(device: FieldDevice, case_id: str = "C-1") -> None:
    """Record a hardship and send it."""
    payload = disclosure(device.new_id(), case_id, device.clock.now())
    device.record("hardship.disclose", case_id, payload)
    device.sync()


def test_both_officers_are_told_and_the_time_is_kept_when_each_knows(
    staffed: ServerContext,
    enrolled: DeviceMaker,
    give: CaseGiver,
    clock: FixedClock,
    ana: Officer,
    ben: Officer,
) -> None:
    """Nobody is taken to know before a cursor proves it: the row was fetched and kept."""
    give(ana, ben)
    hers, his = enrolled(ana, "ana"), enrolled(ben, "ben")
    hers.sync()
    his.sync()
    tell_hardship(hers)
    assert known(staffed) == {ana.officer_id: None, ben.officer_id: None}
    clock.go_on(minutes=7)
    his.sync()
    assert known(staffed)[ben.officer_id] is None
    clock.go_on(minutes=1)
    his.sync()
    assert known(staffed) == {ana.officer_id: None, ben.officer_id: clock.now()}
    clock.go_on(minutes=1)
    hers.sync()
    assert known(staffed)[ana.officer_id] == clock.now()


def test_who_is_not_given_the_case_is_not_waited_for(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A colleague without the case has nothing to learn."""
    give(ana)
    device.sync()
    tell_hardship(device)
    assert set(known(staffed)) == {ana.officer_id}


def test_a_hold_told_anew_before_it_was_read_waits_for_the_newer_row(
    staffed: ServerContext, enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """The feed keeps one row a case: a cursor at the old row's place has not seen the hold."""
    give(ana, ben)
    hers = enrolled(ana, "ana")
    hers.sync()
    tell_hardship(hers)
    before = places(staffed, ben)
    tell_hardship(hers)
    after = places(staffed, ben)
    assert len(after) == 2
    assert len(set(after)) == 1
    assert min(after) > max(before)


def test_a_hold_that_is_known_stays_known(
    staffed: ServerContext,
    device: FieldDevice,
    give: CaseGiver,
    clock: FixedClock,
    ana: Officer,
) -> None:
    """Later changes of the case do not make anybody forget."""
    give(ana)
    tell_hardship(device)
    device.sync()
    first = known(staffed)
    assert first[ana.officer_id] == clock.now()
    clock.go_on(minutes=1)
    with writing(staffed.engine) as conn:
        publish(conn, share_cases(conn, ["C-1"]), clock.now())
    device.sync()
    assert known(staffed) == first


def test_where_nobody_waits_no_exchange_writes_to_it(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """The look-up rides on one that is asked anyway: a note costs no statement more."""
    give(ana)
    device.sync()
    asked: list[str] = []
    event.listen(
        staffed.engine, "before_cursor_execute", lambda *a: asked.append(a[2].split("(")[0])
    )
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "nobody opened"})
    device.sync()
    assert not [text for text in asked if text.startswith(("UPDATE hold", "INSERT INTO hold"))]
