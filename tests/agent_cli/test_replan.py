"""The rest of the day in another order: why it changes, what is told of it, and how it is taken back."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from agent_cli.context import DeviceContext
from agent_cli.store.database import writing as device_writing
from fieldsync.domain.case import Channel, ContactAttempt, Reached
from fieldsync.domain.codec import to_json
from fieldsync.errors import FieldsyncError
from server.store import tables
from server.store.engine import writing
from server.store.itineraries import save_itinerary
from tests.agent_cli.bank import Bank, enrolled, synced
from tests.agent_cli.made_up import ANA, BEN, Device, at, make_case, make_itinerary


def replanned(device: Device, *args: str) -> dict[str, Any]:
    """What `replan --json` says."""
    result = device.run("replan", "--json", *args)
    assert result.exit_code == 0, result.stderr + repr(result.exception)
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


def stops(device: Device) -> list[str]:
    """The cases of today's stops, in their order."""
    return [stop["case_id"] for stop in today(device)["stops"]]


def today(device: Device) -> dict[str, Any]:
    """What `today --json` says."""
    facts: dict[str, Any] = json.loads(device.run("today", "--json").stdout)
    return facts


def orders(device: Device) -> list[dict[str, Any]]:
    """What `replan --list --json` says."""
    listed: list[dict[str, Any]] = json.loads(device.run("replan", "--list", "--json").stdout)[
        "orders"
    ]
    return listed


def code_of(device: Device, *args: str) -> str | None:
    """The code of the error that the command ends in."""
    error = device.run(*args).exception
    return error.code if isinstance(error, FieldsyncError) else None


def test_who_is_late_starts_later(device: Device) -> None:
    """Nothing begins before the pair can leave; each stop says by how much it moves."""
    proposal = replanned(device, "--late", "90")
    first = min(change["after"] for change in proposal["changes"] if change["after"])
    assert first >= (at(11, 30) + timedelta(minutes=30)).isoformat()
    assert any(
        change["move"] == "later" and change["minutes"] > 0 for change in proposal["changes"]
    )


def test_a_time_that_was_agreed_is_kept(device: Device) -> None:
    """A spare becomes an appointment within what the rules leave open, and stays one until it is moved."""
    proposal = replanned(device, "--appointment", "C-000004=15:00-15:20", "--yes")
    agreed = next(stop for stop in proposal["stops"] if stop["case_id"] == "C-000004")
    assert at(15).isoformat() <= agreed["start"] < at(15, 20).isoformat()
    assert agreed["is_appointment"]
    again = next(s for s in replanned(device)["stops"] if s["case_id"] == "C-000004")
    assert again["is_appointment"]
    moved = replanned(device, "--appointment", "C-000004=11:00-11:30")
    later = next(stop for stop in moved["stops"] if stop["case_id"] == "C-000004")
    assert at(11).isoformat() <= later["start"] < at(11, 30).isoformat()


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--appointment", "C-000004=19:00"), "600.60"),
        (("--appointment", "C-000004=09:00"), "600.60"),
        (("--appointment", "C-9=15:00"), "404.581"),
        (("--appointment", "C-000004=25:00"), "600.64"),
        (("--appointment", "C-000004"), "600.64"),
        (("--appointment", "C-000004=15:00-14:00"), "600.64"),
        (("--again", "C-000001"), "600.61"),
        (("--again", "C-9"), "404.66"),
        (("--undo",), "600.63"),
        (("--late", "500"), "422.37"),
    ],
)
def test_what_cannot_be_is_named(device: Device, args: tuple[str, ...], code: str) -> None:
    """A time at which nobody may come, a case of another day, a door that was opened."""
    assert code_of(device, "replan", *args, "--yes") == code


def test_undo_and_list_stand_alone(device: Device) -> None:
    """Two wishes that contradict each other are a slip."""
    assert device.run("replan", "--undo", "--late", "5").exit_code == 2


def test_an_order_is_taken_back(device: Device) -> None:
    """Each undo brings the order before back, as a record of its own; the list shows them all."""
    before = stops(device)
    replanned(device, "--appointment", "C-000001=15:00", "--yes", "--reason", "she asked")
    once = stops(device)
    replanned(device, "--appointment", "C-000004=16:00", "--yes")
    assert device.run("replan", "--undo", "--yes").exit_code == 0
    assert stops(device) == once != before
    assert device.run("replan", "--undo", "--yes").exit_code == 0
    assert stops(device) == before
    assert code_of(device, "replan", "--undo", "--yes") == "600.63"
    kept = orders(device)
    assert [bool(order["undoes"]) for order in kept] == [True, True, False, False, False]
    assert kept[0]["in_force"]
    assert "she asked" in [order["reason"] for order in kept]
    recorded = json.loads(device.run("status", "--json").stdout)["operations"]
    assert [one["kind"] for one in recorded] == ["itinerary.replan"] * 4


def missed(device: Device, case_id: str) -> None:
    """A visit that met nobody."""
    begun = device.run("visit", "start", case_id, "--with", BEN.officer_id)
    assert begun.exit_code == 0, begun.stderr + repr(begun.exception)
    ended = device.run("visit", "finish", case_id, "--outcome", "NOBODY")
    assert ended.exit_code == 0, ended.stderr + repr(ended.exception)


def test_an_empty_door_is_tried_again_later(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hours on at the earliest, as a stop of its own beside the one that was made."""
    missed(device, "C-000001")
    monkeypatch.setenv("FIELDSYNC_TRAINING_CLOCK", at(11).isoformat())
    after = replanned(device, "--again", "C-000001", "--yes")
    assert after["after"].count("C-000001") == 2
    tried = [stop for stop in today(device)["stops"] if stop["case_id"] == "C-000001"]
    assert [stop["state"] for stop in tried] == ["done", "planned"]
    assert tried[1]["start"] >= at(12).isoformat()


def test_a_second_visit_that_the_rules_forbid_is_refused_with_them(
    device: Device, ctx: DeviceContext
) -> None:
    """Two visits in the month and this morning's are three: HOUSE-VISITS-3 is cited."""
    case = make_case(1)
    earlier = [
        ContactAttempt(at(10) - timedelta(days=d), Channel.VISIT, Reached.NONE) for d in (9, 5)
    ]
    visited = replace(case, contacts=(*case.contacts, *earlier))
    with device_writing(ctx.conn) as conn:
        conn.execute("UPDATE mirror SET body = ? WHERE key = 'case:C-000001'", (to_json(visited),))
    missed(device, "C-000001")
    result = device.run("replan", "--again", "C-000001")
    assert isinstance(result.exception, FieldsyncError)
    assert result.exception.code == "600.62"
    assert "(HOUSE-VISITS-3)" in str(result.exception)


def publish_the_day(bank: Bank) -> None:
    """The day that both devices carry, in the server's own tables too."""
    day = make_itinerary()
    with writing(bank.ctx.engine) as conn:
        conn.execute(
            insert(tables.pairs).values(
                pair_id=day.pair_id,
                branch=day.branch,
                first_officer=ANA.officer_id,
                second_officer=BEN.officer_id,
                body="{}",
            )
        )
        conn.execute(
            insert(tables.plans).values(
                plan_id="plan-1", branch=day.branch, day=day.day, at=at(7), facts="{}", body="{}"
            )
        )
        save_itinerary(conn, day, "plan-1")


def test_the_partner_sees_the_order_and_who_chose_it(bank: Bank, tmp_path: Path) -> None:
    """What Ana keeps shows on Ben's device after both have synced, with its times; so does taking it back."""
    publish_the_day(bank)
    ana, ben = (enrolled(bank, tmp_path / who.name, who) for who in (ANA, BEN))
    for device in (ana, ben):
        synced(device)
    published = stops(ben)
    replanned(ana, "--appointment", "C-000004=15:00", "--yes", "--reason", "agreed by phone")
    for device in (ana, ben):
        synced(device)
    mine, theirs = today(ana), today(ben)
    assert theirs["stops"] == mine["stops"]
    assert theirs["revised_by"] == "Ana"
    assert "Re-planned by Ana at 10:00." in ben.run("today").stdout
    assert orders(ben)[0]["by"] == "Ana"
    assert ben.run("replan", "--undo", "--yes").exit_code == 0
    for device in (ben, ana):
        synced(device)
    assert stops(ana) == stops(ben) == published
    assert today(ana)["revised_by"] == "Ben"


def test_an_order_of_an_older_program_can_be_taken_back(device: Device, ctx: DeviceContext) -> None:
    """The schema before this one kept a single order; it is the first of the list after the upgrade."""
    before = stops(device)
    replanned(device, "--appointment", "C-000004=15:00", "--yes")
    ctx.conn.executescript(
        """
        DROP TABLE orders;
        ALTER TABLE revisions DROP COLUMN author;
        ALTER TABLE revisions DROP COLUMN at;
        DELETE FROM _sqlite_migrations WHERE name = '0005_orders_of_a_day';
        PRAGMA user_version = 4;
        """
    )
    assert orders(device)[0]["stops"] == stops(device) != before
    assert device.run("replan", "--list").exit_code == 0
    assert device.run("replan", "--undo", "--yes").exit_code == 0
    assert stops(device) == before
