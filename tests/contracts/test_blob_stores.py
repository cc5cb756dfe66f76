"""The BlobStore port: one suite for the folder and for the one in memory."""

import hashlib
from pathlib import Path

import pytest

from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.errors import NotFoundError
from fieldsync.ports import BlobStore
from tests.fakes import MemoryBlobs

CONTENT = "签字 signed".encode()
NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each store there is, empty."""
    return LocalBlobs(tmp_path / "blobs") if request.param == "folder" else MemoryBlobs()


def test_content_comes_back_under_its_hash(blobs: BlobStore) -> None:
    """What is put is known by its SHA-256 and comes back whole."""
    assert not blobs.has(NAME)
    assert blobs.put(CONTENT) == NAME
    assert blobs.has(NAME)
    assert blobs.get(NAME) == CONTENT


def test_putting_twice_is_putting_once(blobs: BlobStore) -> None:
    """A repeated upload changes nothing."""
    assert blobs.put(CONTENT) == blobs.put(CONTENT)
    assert blobs.get(NAME) == CONTENT


def test_absent_content_is_said_to_be_absent(blobs: BlobStore) -> None:
    """A file that is not here is error 404.6, never an operating-system error."""
    with pytest.raises(NotFoundError) as caught:
        blobs.get(NAME)
    assert caught.value.code == "404.6"


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails half way leaves no file and no remains."""

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    store = LocalBlobs(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        store.put(CONTENT)
    assert not store.has(NAME)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
