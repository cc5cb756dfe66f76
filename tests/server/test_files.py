"""Files: kept whole and once, only where a record names them, and what waited for them is released."""

import hashlib

from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.engine import reading
from server.store.tables import blobs
from tests.server.case_files import case_file
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice

PICTURE = b"a small picture"
NAME = hashlib.sha256(PICTURE).hexdigest()
PATH = f"/api/v1/blobs/{NAME}"


def _note_with_file(device: FieldDevice) -> str:
    return device.record(
        "visit.note", "C-1", {"visit_id": "V-1", "text": "the door"}, files=(PICTURE,)
    ).op_id


def test_a_record_waits_for_its_file_and_is_released(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """Held until the file is whole on the server; then accepted, and the device is told by the feed."""
    give(ana)
    op_id = _note_with_file(device)
    (result,) = device.sync().results
    assert (result.outcome.kind, result.needs) == (OutcomeKind.HELD, (NAME,))
    assert device.send("PUT", PATH, PICTURE, content_type="image/png").status_code == 201
    rows = {row.key: row for row in device.sync().changes}
    told = rows[f"op_result:{op_id}"]
    assert told.version == 2
    assert told.body is not None
    assert (told.body["outcome"]["kind"], told.body["needs"]) == ("accepted", [])


def test_the_same_file_twice_is_kept_once(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A repeated upload after a lost answer is welcome and changes nothing."""
    give(ana)
    _note_with_file(device)
    device.sync()
    answers = [device.send("PUT", PATH, PICTURE).status_code for _time in range(2)]
    assert answers == [201, 200]
    with reading(staffed.engine) as conn:
        assert conn.execute(select(func.count()).select_from(blobs)).scalar() == 1


def test_the_owner_gets_the_file_back_and_nobody_else(
    enrolled: DeviceMaker, give: CaseGiver, ana: Officer, cy: Officer
) -> None:
    """Another of Ana's devices may fetch it; Cy's may not even learn that it is there."""
    give(ana)
    hers, outsider = enrolled(ana, "ana"), enrolled(cy, "cy")
    _note_with_file(hers)
    hers.sync()
    hers.send("PUT", PATH, PICTURE)
    answer = enrolled(ana, "second").send("GET", PATH)
    assert (answer.data, answer.mimetype) == (PICTURE, "application/octet-stream")
    assert outsider.send("GET", PATH).get_json()["code"] == "404.43"
    assert outsider.send("PUT", PATH, PICTURE).get_json()["code"] == "404.43"


def test_a_file_that_no_record_names_is_refused(device: FieldDevice) -> None:
    """The server stores nothing that it does not know what for."""
    assert device.send("PUT", PATH, PICTURE).get_json()["code"] == "404.43"


def test_a_file_of_another_content_is_refused(
    device: FieldDevice, give: CaseGiver, ana: Officer
) -> None:
    """A torn or changed file never takes the name of the whole one."""
    give(ana, case=case_file())
    _note_with_file(device)
    device.sync()
    answer = device.send("PUT", PATH, PICTURE[:-1])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "422.61")


def test_names_that_are_no_hash_are_refused(device: FieldDevice) -> None:
    """A path is never made from what a request says."""
    assert device.send("PUT", "/api/v1/blobs/secret.txt", b"x").get_json()["code"] == "400.47"
    assert device.send("GET", "/api/v1/blobs/..%2Fkeys", b"").status_code == 404
