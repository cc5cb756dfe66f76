"""Photos, recordings and papers of a visit: sealed at the door, sent by sync, opened at the office."""

import hashlib
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image
from sqlalchemy import select

from fieldsync.errors import FieldsyncError
from fieldsync.locale import set_language
from server.security.sealing import open_bytes
from server.store.engine import reading
from server.store.tables import audit
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device
from tests.agent_cli.office import office

CASE = "C-000001"
PLACE = "22.5312,113.9300,15"
CAMERA = "MadeUpCameraMaker-77"


def photo(folder: Path, name: str = "gate.jpg", kind: str = "JPEG") -> Path:
    """A made-up picture; a JPEG tells its camera and where it was taken."""
    picture = Image.new("RGB", (640, 480), "teal")
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif.get_ifd(0x8825)[1] = "N"
    path = folder / name
    picture.save(path, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return path


def made(folder: Path, name: str, head: bytes, size: int = 40_000) -> Path:
    """A made-up file that begins so."""
    path = folder / name
    path.write_bytes(head + random.Random(name).randbytes(size))  # noqa: S311 - no secret
    return path


def code_of(result: Result) -> str:
    """The product's error code of a failed run."""
    assert isinstance(result.exception, FieldsyncError), repr(result.exception)
    return result.exception.code


def listed(bank: Bank) -> list[dict[str, Any]]:
    """`evidence list CASE --json`."""
    result = office(bank, "evidence", "list", CASE, "--json")
    assert result.exit_code == 0, repr(result.exception)
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def opened_rows(bank: Bank) -> list[tuple[str, str]]:
    """Who opened what, as the audit log tells."""
    query = select(audit.c.actor, audit.c.subject).where(audit.c.action == "evidence.opened")
    with reading(bank.ctx.engine) as conn:
        return [(row.actor, row.subject) for row in conn.execute(query)]


@pytest.fixture
def at_the_door(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced, with a visit under way."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    begun = device.run("visit", "start", CASE, "--with", BEN.officer_id)
    assert begun.exit_code == 0, begun.stderr
    return device


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_was_captured_is_opened_at_the_office_as_it_was(
    bank: Bank, at_the_door: Device, tmp_path: Path, language: str
) -> None:
    """Photo, recording and paper arrive whole; each has the hash that the officer saw."""
    files = [
        photo(tmp_path),
        photo(tmp_path, "door.png", "PNG"),
        made(tmp_path, "talk.mp3", b"ID3"),
        made(tmp_path, "letter.pdf", b"%PDF-1.7"),
    ]
    set_language(language)
    told = at_the_door.run("visit", "attach", *map(str, files))
    set_language("en")
    assert told.exit_code == 0, told.stderr + repr(told.exception)
    plain = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert all(one in told.stdout for one in plain)
    assert ("Sealed and kept" in told.stdout) == (language == "en")
    assert synced(at_the_door)["files_uploaded"] == 6
    assert ("visit.evidence", "accepted") in states(at_the_door)
    (stored,) = listed(bank)
    assert stored["files_here"] is True
    folder = tmp_path / "opened"
    shown = office(
        bank, "evidence", "show", stored["op_id"][-8:], "--output", str(folder), "--by", "Li"
    )
    assert shown.exit_code == 0, repr(shown.exception)
    assert "never sole proof" in shown.stderr
    written = {hashlib.sha256(p.read_bytes()).hexdigest(): p.name for p in folder.iterdir()}
    assert set(plain) <= set(written)
    assert sorted(name.rpartition("-")[2] for name in written.values()) == [
        "audio.mp3", "paper.pdf", "photo.jpg", "photo.png", "stamped.jpg", "stamped.jpg",
    ]  # fmt: skip
    assert opened_rows(bank) == [("Li", stored["op_id"])]


def test_no_plain_bytes_stay_in_the_device_folder(at_the_door: Device, tmp_path: Path) -> None:
    """Sealed in the same command: neither the photo nor what its camera wrote is anywhere."""
    path, sound = photo(tmp_path), made(tmp_path, "talk.ogg", b"OggS")
    assert at_the_door.run("visit", "attach", str(path), str(sound)).exit_code == 0
    needles = (CAMERA.encode(), path.read_bytes()[-60:], sound.read_bytes()[100:160])
    kept = [one.read_bytes() for one in at_the_door.home.rglob("*") if one.is_file()]
    assert kept
    assert not any(needle in content for content in kept for needle in needles)
    assert path.exists()


def test_the_stamped_copy_tells_time_and_case_and_nothing_of_the_camera(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """A strip with writing under the whole picture; no EXIF, no GPS, no maker. The original keeps them."""
    path = photo(tmp_path)
    assert at_the_door.run("visit", "attach", str(path)).exit_code == 0
    synced(at_the_door)
    (item,) = listed(bank)[0]["items"]
    copy = open_bytes(bank.ctx.keys.seals, bank.ctx.blobs.get(item["copy_sha256"]))
    assert hashlib.sha256(copy).hexdigest() == item["copy_plain_sha256"]
    assert CAMERA.encode() not in copy
    with Image.open(io.BytesIO(copy)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.width >= 640
        strip = picture.convert("L").crop((0, 482, picture.width, picture.height))
        shades = strip.tobytes()
    assert (min(shades) < 80, max(shades) > 200) == (True, True)
    original = open_bytes(bank.ctx.keys.seals, bank.ctx.blobs.get(item["sha256"]))
    assert original == path.read_bytes()
    assert CAMERA.encode() in original


def test_a_file_that_is_none_of_ours_leaves_no_record(at_the_door: Device, tmp_path: Path) -> None:
    """Empty, too large, another type, missing, too many: refused whole, also beside a good one."""
    good, before = photo(tmp_path), states(at_the_door)
    empty, large = tmp_path / "empty.jpg", tmp_path / "large.jpg"
    empty.touch()
    large.write_bytes(b"\xff\xd8\xff" + bytes(20 << 20))
    for files, code in (
        ((good, empty), "600.32"),
        ((good, large), "600.33"),
        ((good, made(tmp_path, "photo.jpg", b"MZ")), "600.34"),
        ((good,) * 11, "600.39"),
    ):
        assert code_of(at_the_door.run("visit", "attach", *map(str, files))) == code
    missing = at_the_door.run("visit", "attach", str(good), str(tmp_path / "not-there.jpg"))
    assert missing.exit_code == 2
    assert states(at_the_door) == before


def test_a_place_is_kept_only_with_consent(bank: Bank, at_the_door: Device, tmp_path: Path) -> None:
    """Without it nothing is recorded; a wrong place is refused; with it the office sees how exact it is."""
    path, before = str(photo(tmp_path)), states(at_the_door)
    refused = at_the_door.run("visit", "attach", path, "--place", PLACE)
    assert code_of(refused) == "451.64"
    for wrong in ("here", "91,0,5", "22.5,113.9", "nan,113.9,5", "22.5,113.9,-1"):
        result = at_the_door.run("visit", "attach", path, "--place", wrong, "--consent-place")
        assert code_of(result) == "600.37"
    assert states(at_the_door) == before
    assert at_the_door.run("visit", "attach", path).exit_code == 0
    kept = at_the_door.run("visit", "attach", path, "--place", PLACE, "--consent-place")
    assert kept.exit_code == 0, kept.stderr
    synced(at_the_door)
    (placed,) = [stored for stored in listed(bank) if stored["place"] is not None]
    assert (len(listed(bank)), placed["place"]["accuracy_m"]) == (2, 15.0)
    shown = office(bank, "evidence", "show", placed["op_id"])
    assert "a hint and no proof" in shown.stdout


def test_nothing_is_attached_without_a_visit_or_after_it_was_broken_off(
    bank: Bank, tmp_path: Path
) -> None:
    """Evidence belongs to a visit under way; after a stop only the way out is left."""
    device, path = enrolled(bank, tmp_path / "ana", ANA), str(photo(tmp_path))
    synced(device)
    assert code_of(device.run("visit", "attach", path)) == "404.67"
    assert device.run("visit", "start", CASE, "--with", BEN.officer_id).exit_code == 0
    assert device.run("visit", "leave", CASE, "--because", "distress").exit_code == 0
    assert code_of(device.run("visit", "attach", path)) == "600.27"


def test_the_office_replaces_no_file_and_opens_nothing_without_a_name(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """A name that is taken stays as it was and takes the rest back with it; an opening has its row."""
    files = [str(photo(tmp_path)), str(made(tmp_path, "letter.pdf", b"%PDF-1.7"))]
    assert at_the_door.run("visit", "attach", *files).exit_code == 0
    synced(at_the_door)
    (stored,) = listed(bank)
    show = ("evidence", "show", stored["op_id"], "--output")
    nameless = office(bank, *show, str(tmp_path / "none"), "--by", " ")
    assert code_of(nameless) == "400.49"
    assert not (tmp_path / "none").exists()
    assert opened_rows(bank) == []
    folder = tmp_path / "opened"
    folder.mkdir()
    taken = folder / f"{stored['op_id'][-8:]}-2-paper.pdf"
    taken.write_bytes(b"another")
    assert code_of(office(bank, *show, str(folder), "--by", "Li")) == "409.76"
    assert [path.read_bytes() for path in folder.iterdir()] == [b"another"]
    assert code_of(office(bank, "evidence", "show", "no-such-record")) == "404.72"
    assert code_of(office(bank, "evidence", "list", "C-999999")) == "404.73"


def test_a_file_that_is_not_what_was_recorded_is_not_handed_out(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """Its sealed bytes were exchanged in the store: refused with a number, nothing written."""
    path = photo(tmp_path)
    assert at_the_door.run("visit", "attach", str(path)).exit_code == 0
    synced(at_the_door)
    (stored,) = listed(bank)
    (item,) = stored["items"]
    sealed = next(bank.home.rglob(item["sha256"]))
    sealed.write_bytes(next(bank.home.rglob(item["copy_sha256"])).read_bytes())
    show = ("evidence", "show", stored["op_id"], "--output", str(tmp_path / "out"), "--by", "Li")
    assert code_of(office(bank, *show)) == "409.75"
    sealed.write_bytes(b"no seal at all")
    assert code_of(office(bank, *show)) == "400.51"
    sealed.unlink()
    assert code_of(office(bank, *show)) == "404.6"
    assert not (tmp_path / "out").exists()
