"""Repair: only the buckets that differ come again, whole, until both sides hold the same rows."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from fieldsync.domain.officer import Officer
from fieldsync.schemas.sync import RepairResponseSchema
from fieldsync.sync.digest import BUCKETS, bucket_digests, bucket_of, digest_of
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import PAGE_ROWS, RepairResponse
from server.context import ServerContext
from server.store.engine import writing
from server.store.feed import AgentChange, publish
from tests.server.case_files import case_file
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

Rows = dict[str, int]


def held(rows: Iterable[FeedRow]) -> Rows:
    """The versions by key that a device holds after these rows."""
    return {row.key: row.version for row in rows if row.op is FeedOp.PUT}


def asking(device: FieldDevice, rows: Rows) -> Mapping[str, Any]:
    """What a device asks that holds these rows."""
    buckets = [dataclasses.asdict(digest) for digest in bucket_digests(rows.items())]
    return {"device_id": device.device_id, "buckets": buckets}


def repaired(device: FieldDevice, rows: Rows) -> RepairResponse:
    """Ask once, and put the answer's buckets in place of one's own."""
    answer = device.post("/api/v1/repair", asking(device, rows))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told: RepairResponse = RepairResponseSchema().load(answer.get_json())
    for key in [key for key in rows if bucket_of(key) in told.buckets]:
        del rows[key]
    rows |= held(told.rows)
    return told


def test_the_same_rows_need_nothing(device: FieldDevice, give: CaseGiver, ana: Officer) -> None:
    """Where nothing differs the answer is empty and complete."""
    give(ana)
    told = repaired(device, held(device.sync().changes))
    assert told == RepairResponse((), (), complete=True)


def test_lost_changed_and_surplus_rows_are_mended(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """One row missing, one of another version, one that is not the officer's: three buckets come."""
    for number in range(30):
        give(ana, case=case_file(f"C-{number}"))
    answer = device.sync()
    rows = held(answer.changes)
    del rows["case:C-3"]
    rows["case:C-4"] = 7
    rows["case:C-99"] = 1
    told = repaired(device, rows)
    assert told.complete
    assert set(told.buckets) == {bucket_of(f"case:C-{n}") for n in (3, 4, 99)}
    assert {bucket_of(row.key) for row in told.rows} <= set(told.buckets)
    assert digest_of(rows.items()) == answer.digest
    (mended,) = [row for row in told.rows if row.key == "case:C-3"]
    assert mended.body is not None
    assert mended.body["borrower"]["id_number"] == "440***********1234"


def test_a_bucket_that_is_empty_here_is_emptied_there(device: FieldDevice) -> None:
    """A row whose whole bucket the server does not have: the bucket is named, without rows."""
    rows = held(device.sync().changes)
    surplus = next(f"case:X-{n}" for n in range(200) if not _shares(f"case:X-{n}", rows))
    told = repaired(device, rows | {surplus: 1})
    assert (told.buckets, told.rows, told.complete) == ((bucket_of(surplus),), (), True)


def _shares(key: str, rows: Rows) -> bool:
    return bucket_of(key) in {bucket_of(other) for other in rows}


def test_much_comes_in_several_answers(staffed: ServerContext, device: FieldDevice) -> None:
    """Whole buckets up to a page at a time; a device that holds nothing gets everything in the end."""
    digest = device.sync().digest
    rows: Rows = {}
    changes = [
        AgentChange("E1001", FeedRow(f"case:C-{n}", FeedOp.PUT, 1, {"case_id": f"C-{n}"}))
        for n in range(2 * PAGE_ROWS)
    ]
    with writing(staffed.engine) as conn:
        publish(conn, changes, staffed.clock.now())
    answers = [repaired(device, rows)]
    while not answers[-1].complete:
        answers.append(repaired(device, rows))
    assert len(answers) == 3
    assert all(len(told.rows) <= PAGE_ROWS for told in answers)
    assert digest is not None
    assert len(rows) == digest.count + 2 * PAGE_ROWS
    assert repaired(device, rows).buckets == ()


def test_another_officers_rows_are_never_told(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, ben: Officer
) -> None:
    """What a device claims to hold brings it nothing but its own officer's rows."""
    give(ana)
    his = enrolled(ben, "ben")
    told = repaired(his, {})
    assert "case:C-1" not in held(told.rows)
    assert told.complete
    assert his.sync().digest == digest_of(held(told.rows).items())


def test_a_repair_names_its_sender_and_every_bucket(
    device: FieldDevice, enrolled: DeviceMaker, ben: Officer
) -> None:
    """Another device's name, a bucket too few, a count that is none: refused with their codes."""
    rows = held(device.sync().changes)
    other = enrolled(ben, "ben")
    asked = {**asking(device, rows), "device_id": other.device_id}
    assert device.post("/api/v1/repair", asked).get_json()["code"] == "403.45"
    asked = {**asking(device, rows), "buckets": [{"count": 0, "sum": "0" * 64}] * (BUCKETS - 1)}
    assert device.post("/api/v1/repair", asked).get_json()["code"] == "400.42"
    asked = {**asking(device, rows), "buckets": [{"count": -1, "sum": "0" * 64}] * BUCKETS}
    assert device.post("/api/v1/repair", asked).get_json()["code"] == "400.42"
