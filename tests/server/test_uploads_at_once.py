"""Uploads that meet: one chunk counts, the other is told where things stand; and no file fills the memory."""

import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from server.store.devices import load_device
from server.store.engine import reading
from server.store.file_locks import locked
from server.workflow.keep_upload import Chunk, append, begin
from tests.fakes import SeededRandomness
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.tus_device import create, note_with, patch, sha_of

MIB = 1 << 20
LARGE = bytes(range(256)) * (15 << 12)
_TRY = """
import fcntl, sys
with open(sys.argv[1], "rb+") as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("free")
    except BlockingIOError:
        print("held")
"""


@pytest.fixture
def named(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """Ana's device, which has synced a note that names the large file."""
    give(ana)
    note_with(device, LARGE)
    return device


def test_two_chunks_for_one_place_count_once(staffed: ServerContext, named: FieldDevice) -> None:
    """Eight of the same chunk at once: one is kept, the others learn where the upload stands."""
    create(named, LARGE)
    # Made one after the other: an error in one thread alone would leave the others waiting for it.
    senders = [_another_client(staffed, named, number) for number in range(8)]
    together = Barrier(8)

    def send(one: FieldDevice) -> int:
        together.wait()
        return patch(one, sha_of(LARGE), 0, LARGE[:MIB]).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(send, senders))
    assert answers == [204, *[409] * 7]
    whole = patch(named, sha_of(LARGE), MIB, LARGE[MIB:])
    assert whole.status_code == 204
    assert staffed.blobs.get(sha_of(LARGE)) == LARGE


def _another_client(staffed: ServerContext, named: FieldDevice, number: int) -> FieldDevice:
    """The same device, speaking with an app of its own."""
    one = FieldDevice(create_app(staffed).test_client(), named.clock, named.name)
    one.device_id, one.request_key = named.device_id, named.request_key
    one.randomness = SeededRandomness(f"nonces {number}")
    return one


def test_another_process_waits_for_an_upload(tmp_path: Path) -> None:
    """The lock holds between processes, and ends with its holder."""

    def tried() -> str:
        done = subprocess.run(
            [sys.executable, "-c", _TRY, str(tmp_path / "locks" / "ab")],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout.strip()

    with locked(tmp_path / "locks", "abcdef"):
        assert tried() == "held"
    assert tried() == "free"


def test_a_file_is_never_in_memory_as_a_whole(staffed: ServerContext, named: FieldDevice) -> None:
    """15 MB in one chunk, received, checked and kept in under 5 MB of memory."""
    with reading(staffed.engine) as conn:
        device = load_device(conn, named.device_id)
    assert device is not None
    begin(staffed, device, sha_of(LARGE), len(LARGE))
    pieces = (LARGE[at : at + (64 << 10)] for at in range(0, len(LARGE), 64 << 10))
    tracemalloc.start()
    whole = append(staffed, device, sha_of(LARGE), Chunk(0, pieces))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert whole.offset == len(LARGE)
    assert peak < 5 * MIB
