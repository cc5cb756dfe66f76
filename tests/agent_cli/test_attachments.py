"""Photos and recordings: kept with a note, sent in chunks, and a broken line costs one chunk at most."""

import hashlib
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from threading import Thread
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from click.testing import Result
from werkzeug.serving import make_server

from agent_cli.actions.let_go import sealed_blobs
from agent_cli.actions.talk import remote_of
from agent_cli.actions.upload import upload_files
from agent_cli.context import open_device
from agent_cli.remote import Remote
from fieldsync.errors import EXIT_UNREACHABLE, EXIT_USAGE, FieldsyncError
from server.app import create_app
from server.context import ServerContext
from tests.agent_cli.bank import Bank, enrolled, states, synced
from tests.agent_cli.made_up import ANA, BEN, Device
from tests.lines.proxy import Manner, Proxy

CASE = "C-000001"
JPEG = b"\xff\xd8\xff\xe0"
MIB = 1 << 20


def _picture(folder: Path, size: int, name: str = "photo.jpg") -> tuple[Path, bytes]:
    """A made-up photo of that many bytes, which no packing makes smaller."""
    content = JPEG + random.Random(name).randbytes(size - len(JPEG))  # noqa: S311 - no secret
    path = folder / name
    path.write_bytes(content)
    return path, content


def _noted(device: Device, *files: Path) -> Result:
    attached = [part for file in files for part in ("--attach", str(file))]
    return device.run("visit", "note", CASE, "The letter box is broken", *attached)


@pytest.fixture
def at_the_door(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, synced, with a visit under way."""
    device = enrolled(bank, tmp_path / "ana", ANA)
    synced(device)
    begun = device.run("visit", "start", CASE, "--with", BEN.officer_id)
    assert begun.exit_code == 0, begun.stderr
    return device


@contextmanager
def _line(bank: Bank, device: Device) -> Iterator[Proxy]:
    with Proxy(bank.port) as line:
        device.turn_to(line.url)
        yield line


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_photo_goes_up_with_its_note(bank: Bank, at_the_door: Device, tmp_path: Path) -> None:
    """The note waits on the server for its files, and is accepted once they are there, whole."""
    first, seen = _picture(tmp_path, 300_000)
    second, heard = _picture(tmp_path, 2_000, "other.jpg")
    result = _noted(at_the_door, first, second, first)
    assert result.exit_code == 0, result.stderr
    assert synced(at_the_door)["files_uploaded"] == 2
    assert ("visit.note", "accepted") in states(at_the_door)
    assert bank.ctx.blobs.get(_sha(seen)) == seen
    assert bank.ctx.blobs.get(_sha(heard)) == heard


def test_what_is_no_photo_is_refused_before_anything_is_recorded(
    at_the_door: Device, tmp_path: Path
) -> None:
    """Empty, too large, of another kind, too many: a number and what to do, and no record."""
    before = states(at_the_door)
    empty, large, text = tmp_path / "empty.jpg", tmp_path / "large.jpg", tmp_path / "photo.jpg"
    empty.touch()
    large.write_bytes(JPEG + bytes(20 << 20))
    text.write_bytes(b"MZ not a photo at all")
    for files, code in (
        ((empty,), "600.32"),
        ((large,), "600.33"),
        ((text,), "600.34"),
        ((text,) * 21, "600.31"),
    ):
        result = _noted(at_the_door, *files)
        assert isinstance(result.exception, FieldsyncError)
        assert (result.exception.code, result.exception.exit_code) == (code, EXIT_USAGE)
    assert states(at_the_door) == before


def test_an_interrupted_upload_sends_one_chunk_again_at_most(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """15 MB over a line that breaks five times: every byte that went up is counted."""
    path, content = _picture(tmp_path, 15_000_000)
    assert _noted(at_the_door, path).exit_code == 0
    up = breaks = 0
    with _line(bank, at_the_door) as line:
        for tried in range(5):
            # The exchange, the creation and two chunks pass; the third breaks off in its middle, which
            # the next try has half as far to.
            line.treat(*[Manner()] * 4, Manner(cut_up=700_000 >> tried))
            result = at_the_door.run("sync")
            line.settle()
            up += sum(len(passage.up) for passage in line.passages)
            if isinstance(result.exception, FieldsyncError):
                assert result.exception.exit_code == EXIT_UNREACHABLE
                breaks += 1
        line.treat()
        assert synced(at_the_door)["files_uploaded"] == 1
        line.settle()
        up += sum(len(passage.up) for passage in line.passages)
    assert bank.ctx.blobs.get(_sha(content)) == content
    assert breaks == 5
    overhead = 100_000
    assert up - len(content) < breaks * MIB + overhead
    assert ("visit.note", "accepted") in states(at_the_door)


def test_one_break_costs_one_chunk_at_most(bank: Bank, at_the_door: Device, tmp_path: Path) -> None:
    """After one break anywhere, even after the server took the chunk, under 1 MiB goes up twice."""
    path, content = _picture(tmp_path, 5_000_000)
    assert _noted(at_the_door, path).exit_code == 0
    with _line(bank, at_the_door) as line:
        line.treat(*[Manner()] * 4, Manner(cut_down=0))
        assert isinstance(at_the_door.run("sync").exception, FieldsyncError)
        line.settle()
        up = sum(len(passage.up) for passage in line.passages)
        line.treat()
        assert synced(at_the_door)["files_uploaded"] == 1
        line.settle()
        up += sum(len(passage.up) for passage in line.passages)
    assert up < len(content) + 60_000
    assert bank.ctx.blobs.get(_sha(content)) == content


def test_the_size_of_a_chunk_is_a_setting(bank: Bank, at_the_door: Device, tmp_path: Path) -> None:
    """On a poor line smaller chunks lose less; a value out of range is refused."""
    path, content = _picture(tmp_path, 200_000)
    assert at_the_door.run("config", "set", "chunk_kib", "64").exit_code == 0
    assert at_the_door.run("config", "set", "chunk_kib", "8").exception is not None
    assert _noted(at_the_door, path).exit_code == 0
    with _line(bank, at_the_door) as line:
        line.treat()
        assert synced(at_the_door)["files_uploaded"] == 1
        line.settle()
        chunks = [p for p in line.passages if p.up.startswith(b"PATCH ")]
    assert len(chunks) == 4
    assert bank.ctx.blobs.has(_sha(content))


class _Stammering(Remote):
    """Sends its first chunk twice, as another copy of the program at the same file would."""

    def ask(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> Mapping[str, str]:
        """Ask, and the first chunk once before."""
        if method == "PATCH" and headers["Upload-Offset"] == "0":
            super().ask(method, path, content, dict(headers))
        return super().ask(method, path, content, headers)


def test_an_upload_that_stands_elsewhere_goes_on_from_there(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """The server's conflict is no error for the officer: the device asks, and goes on."""
    path, content = _picture(tmp_path, 3 * MIB)
    assert _noted(at_the_door, path).exit_code == 0
    with _line(bank, at_the_door) as line:
        line.treat(Manner(), Manner(cut_up=0))
        at_the_door.run("sync")
    at_the_door.turn_to(bank.url)
    with open_device(at_the_door.options) as ctx:
        plain = remote_of(ctx)
        remote = _Stammering(**{field.name: getattr(plain, field.name) for field in fields(plain)})
        assert upload_files(ctx, remote).sent == 1
    assert bank.ctx.blobs.get(_sha(content)) == content


class _OfProtocol1:
    """The server as it was before it knew tus."""

    def __init__(self, ctx: ServerContext) -> None:
        self._app = create_app(ctx)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Nothing is at the address of files."""
        if environ["PATH_INFO"].startswith("/api/v1/files"):
            environ = {**environ, "PATH_INFO": "/nothing-here"}
        return self._app(environ, start)


def test_an_older_server_gets_files_whole(bank: Bank, at_the_door: Device, tmp_path: Path) -> None:
    """Where there is no tus, the file goes up in one piece as it did before."""
    path, content = _picture(tmp_path, 100_000)
    assert _noted(at_the_door, path).exit_code == 0
    bank.stop()
    old = replace(
        bank, http=make_server("127.0.0.1", bank.port, _OfProtocol1(bank.ctx), threaded=True)
    )
    with _serving(old):
        assert synced(at_the_door)["files_uploaded"] == 1
    assert bank.ctx.blobs.get(_sha(content)) == content


@contextmanager
def _serving(bank: Bank) -> Iterator[None]:
    assert bank.http is not None
    Thread(target=bank.http.serve_forever, daemon=True).start()
    yield
    bank.stop()


def test_a_refused_file_keeps_no_other_back(
    bank: Bank, at_the_door: Device, tmp_path: Path
) -> None:
    """One file the server does not take is told at the end; the next one is there by then."""
    _path, stray = _picture(tmp_path, 5_000, "stray.jpg")
    path, content = _picture(tmp_path, 6_000)
    with open_device(at_the_door.options) as ctx:
        ctx.blobs.put(stray)
        (op_id,) = ctx.conn.execute("SELECT op_id FROM journal WHERE seq = 1").fetchone()
        row = (_sha(stray), op_id, len(stray), "image/jpeg")
        ctx.conn.execute(
            "INSERT INTO journal_files (sha256, op_id, size, type) VALUES (?, ?, ?, ?)", row
        )
    assert _noted(at_the_door, path).exit_code == 0
    result = at_the_door.run("sync")
    assert getattr(result.exception, "code", None) == "404.43"
    assert bank.ctx.blobs.get(_sha(content)) == content


def _cut_up(place: int) -> Manner:
    return Manner(cut_up=place)


def _cut_down(place: int) -> Manner:
    return Manner(cut_down=place)


@pytest.mark.parametrize("cut", [_cut_up, _cut_down])
def test_wherever_the_line_breaks_the_next_sync_goes_on(
    bank: Bank, at_the_door: Device, tmp_path: Path, cut: Callable[[int], Manner]
) -> None:
    """Creation or chunk, request or answer, first byte or last: the file arrives, and each chunk once more at most."""
    at_the_door.run("config", "set", "chunk_kib", "16")
    chunk = 16 << 10
    places = (0, 1, 300, 700, 9_000, chunk + 500)
    with _line(bank, at_the_door) as line:
        for number, (passed, place) in enumerate(itertools.product((1, 2, 3), places)):
            path, content = _picture(tmp_path, 3 * chunk, f"{number}.jpg")
            assert _noted(at_the_door, path).exit_code == 0
            line.treat(*[Manner()] * passed, cut(place))
            at_the_door.run("sync")
            line.settle()
            up = sum(len(passage.up) for passage in line.passages)
            line.treat()
            synced(at_the_door)
            line.settle()
            up += sum(len(passage.up) for passage in line.passages)
            assert bank.ctx.blobs.get(_sha(content)) == content
            assert up < len(content) + chunk + 20_000
    assert {state for kind, state in states(at_the_door) if kind == "visit.note"} == {"accepted"}


def test_doctor_knows_sealed_files(at_the_door: Device, tmp_path: Path) -> None:
    """A file that must be sent again is here too where only its sealed copy is; without either it is gone."""
    path, content = _picture(tmp_path, 5_000)
    assert _noted(at_the_door, path).exit_code == 0
    with open_device(at_the_door.options) as ctx:
        ctx.conn.execute("UPDATE journal SET state = 'held'")
        sealed = sealed_blobs(ctx).path(_sha(content))
        sealed.parent.mkdir(parents=True)
        ctx.blobs.path(_sha(content)).rename(sealed)
    assert _doctor_on_files(at_the_door) == "ok"
    sealed.unlink()
    assert _doctor_on_files(at_the_door) == "fail"


def _doctor_on_files(device: Device) -> str:
    checks = json.loads(device.run("doctor", "--json").stdout)["checks"]
    return str(next(check["level"] for check in checks if check["check"] == "files"))
