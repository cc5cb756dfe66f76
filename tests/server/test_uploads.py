"""Files in chunks: each chunk is kept whole or not at all, and the file only if it is what it is named."""

import errno
import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fieldsync.domain.officer import Officer
from fieldsync.sync.messages import PROTOCOL_HEADER
from fieldsync.sync.outcome import OutcomeKind
from server.app import create_app
from server.context import ServerContext
from server.workflow.keep_upload import drop_expired
from tests.fakes import FixedClock
from tests.server.case_files import case_file
from tests.server.conftest import CaseGiver, DeviceMaker
from tests.server.field_device import FieldDevice
from tests.server.tus_device import (
    ROOT,
    b64,
    checksum,
    create,
    head,
    note_with,
    patch,
    sha_of,
    tus,
)

PICTURE = bytes(range(256)) * 40
NAME = sha_of(PICTURE)
PATH = f"{ROOT}/{NAME}"
HALF = len(PICTURE) // 2


@pytest.fixture
def named(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """Ana's device, which has synced a note that names the picture."""
    give(ana)
    note_with(device, PICTURE)
    return device


def _code(answer: object) -> str:
    body = getattr(answer, "get_json")()  # noqa: B009 - a response of whatever client
    return str(body["code"])


def _files_in(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and p.parent.name != "locks"]


def test_what_is_spoken_is_told(client: FlaskClient) -> None:
    """OPTIONS names version, extensions, the largest file and the checksums, to anybody."""
    answer = client.options(ROOT, headers={PROTOCOL_HEADER: "2"})
    assert answer.status_code == 204
    told = {name: value for name, value in answer.headers if name.startswith("Tus-")}
    assert told == {
        "Tus-Version": "1.0.0",
        "Tus-Resumable": "1.0.0",
        "Tus-Extension": "creation,checksum,expiration,termination",
        "Tus-Max-Size": str(20 << 20),
        "Tus-Checksum-Algorithm": "sha256,sha1",
    }


def test_a_file_in_chunks_releases_the_record_that_waits(
    staffed: ServerContext, named: FieldDevice
) -> None:
    """After the last chunk the file is whole, the record accepted, and nothing is left half."""
    begun = create(named, PICTURE)
    assert (begun.status_code, begun.headers["Location"]) == (201, PATH)
    assert begun.headers["Upload-Offset"] == "0"
    assert begun.headers["Upload-Expires"].startswith("Tue, 01 Dec 2026")
    half = patch(named, NAME, 0, PICTURE[:HALF], **_sum(PICTURE[:HALF]))
    assert (half.status_code, half.headers["Upload-Offset"]) == (204, str(HALF))
    whole = patch(named, NAME, HALF, PICTURE[HALF:], **_sum(PICTURE[HALF:], "sha1"))
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (204, str(len(PICTURE)))
    assert "Upload-Expires" not in whole.headers
    assert staffed.blobs.get(NAME) == PICTURE
    assert _files_in(staffed.config.uploads) == []
    (told,) = (r for r in named.sync().changes if r.key.startswith("op_result:"))
    assert told.body is not None
    assert told.body["outcome"]["kind"] == OutcomeKind.ACCEPTED


def _sum(content: bytes, algorithm: str = "sha256") -> dict[str, str]:
    return {"upload_checksum": checksum(content, algorithm)["Upload-Checksum"]}


def test_creating_again_answers_the_same_place(named: FieldDevice) -> None:
    """A lost answer costs nothing: the same address, and how much is there already."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])
    again = create(named, PICTURE)
    assert (again.status_code, again.headers["Location"]) == (200, PATH)
    assert again.headers["Upload-Offset"] == str(HALF)
    asked = head(named, NAME)
    assert asked.status_code == 200
    assert asked.headers["Upload-Offset"] == str(HALF)
    assert asked.headers["Upload-Length"] == str(len(PICTURE))
    assert asked.headers["Cache-Control"] == "no-store"


def test_a_finished_file_answers_complete(named: FieldDevice) -> None:
    """Whoever asks for a file that is here, however it came, learns that nothing is to be sent."""
    named.send("PUT", f"/api/v1/blobs/{NAME}", PICTURE)
    for answer in (create(named, PICTURE), head(named, NAME)):
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, str(len(PICTURE)))
    assert patch(named, NAME, len(PICTURE), b"").status_code == 204
    assert _code(patch(named, NAME, 0, PICTURE)) == "409.57"


def test_a_chunk_for_another_place_is_refused(named: FieldDevice) -> None:
    """The answer says where the upload stands, and nothing of the chunk is kept."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:100])
    for offset in (0, 99, 101):
        answer = patch(named, NAME, offset, PICTURE[offset : offset + 10])
        assert (answer.status_code, _code(answer)) == (409, "409.57")
        assert answer.get_json()["offset"] == 100
    assert head(named, NAME).headers["Upload-Offset"] == "100"


def test_a_chunk_that_was_altered_on_the_way_is_not_kept(named: FieldDevice) -> None:
    """The checksum of tus is 460; a body that is not the one that was signed is nobody's."""
    create(named, PICTURE)
    answer = patch(named, NAME, 0, PICTURE[:100], **_sum(PICTURE[:99]))
    assert (answer.status_code, _code(answer)) == (460, "460.1")
    unknown = patch(named, NAME, 0, PICTURE[:100], upload_checksum="md5 AAAA")
    assert _code(unknown) == "400.50"
    assert head(named, NAME).headers["Upload-Offset"] == "0"


def test_a_body_that_was_not_signed_is_not_kept(named: FieldDevice, client: FlaskClient) -> None:
    """A proxy that changes one byte of a chunk gains nothing, with or without a checksum."""
    create(named, PICTURE)
    kept = client.open

    def altering(path: str, **how: object) -> object:
        how["data"] = PICTURE[1:101]
        return kept(path, **how)  # type: ignore[arg-type]

    named.client.open = altering  # type: ignore[method-assign,assignment]
    answer = patch(named, NAME, 0, PICTURE[:100])
    named.client.open = kept  # type: ignore[method-assign]
    assert _code(answer) == "401.1"
    assert head(named, NAME).headers["Upload-Offset"] == "0"


def test_a_file_that_is_not_what_it_is_named_is_dropped(
    staffed: ServerContext, named: FieldDevice
) -> None:
    """With the last chunk the whole is checked; a wrong one is forgotten and may be sent anew."""
    create(named, PICTURE)
    patch(named, NAME, 0, b"x" * HALF)
    answer = patch(named, NAME, HALF, PICTURE[HALF:])
    assert (answer.status_code, _code(answer)) == (422, "422.61")
    assert head(named, NAME).status_code == 404
    assert not staffed.blobs.has(NAME)
    create(named, PICTURE)
    assert patch(named, NAME, 0, PICTURE).status_code == 204
    assert staffed.blobs.get(NAME) == PICTURE


def test_termination_forgets_an_unfinished_upload(
    staffed: ServerContext, named: FieldDevice
) -> None:
    """DELETE leaves nothing; deleting it again, or a finished file, is told to be impossible."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])
    assert tus(named, "DELETE", PATH).status_code == 204
    assert _files_in(staffed.config.uploads) == []
    assert _code(tus(named, "DELETE", PATH)) == "404.48"
    assert _code(patch(named, NAME, HALF, PICTURE[HALF:])) == "404.48"
    named.send("PUT", f"/api/v1/blobs/{NAME}", PICTURE)
    assert _code(tus(named, "DELETE", PATH)) == "404.48"
    assert staffed.blobs.has(NAME)


def test_an_upload_expires(staffed: ServerContext, named: FieldDevice, clock: FixedClock) -> None:
    """After a week without a word it is gone, as Upload-Expires had told; asking again prolongs it."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])
    clock.go_on(days=6)
    assert create(named, PICTURE).headers["Upload-Offset"] == str(HALF)
    clock.go_on(days=6)
    assert head(named, NAME).headers["Upload-Offset"] == str(HALF)
    assert drop_expired(staffed) == 0
    clock.go_on(days=2)
    assert head(named, NAME).status_code == 404
    assert drop_expired(staffed) == 1
    assert _files_in(staffed.config.uploads) == []


def test_beginning_an_upload_clears_what_is_over(
    staffed: ServerContext, named: FieldDevice, clock: FixedClock
) -> None:
    """Nobody has to clean up by hand: an upload that is over makes room for a new beginning."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])
    clock.go_on(days=8)
    begun = create(named, PICTURE)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    assert _files_in(staffed.config.uploads) == ["facts.json"]


def test_only_what_a_record_names_may_come(
    enrolled: DeviceMaker, named: FieldDevice, cy: Officer
) -> None:
    """Another officer learns nothing of the file, and nobody brings one that no record names."""
    outsider = enrolled(cy, "cy")
    create(named, PICTURE)
    for answer in (
        create(outsider, PICTURE),
        patch(outsider, NAME, 0, PICTURE),
        tus(outsider, "DELETE", PATH),
        create(named, b"another file"),
    ):
        assert _code(answer) == "404.43"
    assert head(outsider, NAME).status_code == 404


def test_two_officers_uploads_of_one_file_never_mix(
    enrolled: DeviceMaker, named: FieldDevice, give: CaseGiver, cy: Officer
) -> None:
    """What one sends wrongly does not spoil what the other sends."""
    give(cy, case=case_file("C-2"))
    other = enrolled(cy, "cy")
    note_with(other, PICTURE)
    create(named, PICTURE)
    create(other, PICTURE)
    patch(other, NAME, 0, b"x" * HALF)
    assert head(named, NAME).headers["Upload-Offset"] == "0"
    assert patch(named, NAME, 0, PICTURE).status_code == 204
    assert head(other, NAME).headers["Upload-Offset"] == str(len(PICTURE))


@pytest.mark.parametrize(
    ("size", "code"), [(len(PICTURE) - 1, "422.62"), ((20 << 20) + 1, "413.2")]
)
def test_the_size_is_the_records(named: FieldDevice, size: int, code: str) -> None:
    """A file of another length than the record says, or beyond the limit, is not even begun."""
    assert _code(create(named, PICTURE, size=size)) == code


def test_a_chunk_beyond_the_end_is_refused(named: FieldDevice) -> None:
    """Nothing of it is kept, and the upload goes on."""
    create(named, PICTURE)
    assert _code(patch(named, NAME, 0, PICTURE + b"x")) == "413.4"
    assert patch(named, NAME, 0, PICTURE).status_code == 204


def test_wrong_headers_are_told(named: FieldDevice) -> None:
    """Another tus, a missing length, a name that is no hash, another content type: each has its number."""
    other = named.send("POST", ROOT, extra={"Tus-Resumable": "0.2.2"})
    assert (other.status_code, _code(other)) == (412, "412.1")
    assert other.headers["Tus-Version"] == "1.0.0"
    name = "sha256 " + b64(NAME.encode())
    assert _code(tus(named, "POST", ROOT, upload_metadata=name)) == "400.50"
    assert _code(tus(named, "POST", ROOT, upload_length="-1", upload_metadata=name)) == "400.50"
    assert _code(tus(named, "POST", ROOT, upload_length="5")) == "400.47"
    assert _code(tus(named, "POST", ROOT, upload_metadata="sha256 ???")) == "400.50"
    assert _code(tus(named, "PATCH", PATH, b"x", upload_offset="0")) == "415.3"
    assert _code(tus(named, "DELETE", f"{ROOT}/x")) == "400.47"
    assert _code(named.send("PATCH", PATH, b"x")) == "412.1"


def test_the_server_may_end_between_any_two_chunks(
    staffed: ServerContext, named: FieldDevice
) -> None:
    """Another process finds what was told to be here, and goes on."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])
    named.client = create_app(staffed).test_client()
    assert head(named, NAME).headers["Upload-Offset"] == str(HALF)
    assert patch(named, NAME, HALF, PICTURE[HALF:]).status_code == 204


def test_whoever_asks_first_keeps_a_file_whose_last_taker_died(
    staffed: ServerContext, named: FieldDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All chunks are here, the process died before the file was: the next question finishes it."""

    class DiedError(BaseException):
        """The process is gone."""

    def die(*_args: object) -> None:
        raise DiedError

    create(named, PICTURE)
    with monkeypatch.context() as patched:
        patched.setattr(staffed.blobs.__class__, "put_pieces", die)
        with pytest.raises(DiedError):
            patch(named, NAME, 0, PICTURE)
    assert not staffed.blobs.has(NAME)
    assert head(named, NAME).headers["Upload-Offset"] == str(len(PICTURE))
    assert staffed.blobs.get(NAME) == PICTURE


@pytest.mark.parametrize(("reason", "code"), [(errno.ENOSPC, "507.1"), (errno.EIO, "503.3")])
def test_a_full_or_broken_disk_is_told_and_breaks_nothing(
    named: FieldDevice, monkeypatch: pytest.MonkeyPatch, reason: int, code: str
) -> None:
    """What arrived before stays; the device is told when to come again."""
    create(named, PICTURE)
    patch(named, NAME, 0, PICTURE[:HALF])

    def fail(_handle: int) -> None:
        raise OSError(reason, os.strerror(reason))

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fail)
        answer = patch(named, NAME, HALF, PICTURE[HALF:])
    assert (_code(answer), answer.headers["Retry-After"]) == (code, "5")
    assert head(named, NAME).headers["Upload-Offset"] == str(HALF)
    assert patch(named, NAME, HALF, PICTURE[HALF:]).status_code == 204


def test_a_file_in_thousands_of_crumbs_is_refused(
    named: FieldDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit on the number of chunks keeps a folder from filling with crumbs."""
    monkeypatch.setattr("server.workflow.keep_upload._CHUNKS_MAX", 3)
    create(named, PICTURE)
    codes = [patch(named, NAME, n, PICTURE[n : n + 1]).status_code for n in range(4)]
    assert codes == [204, 204, 204, 413]
