"""The BlobStore port: one suite for the folder, for a bucket and for the one in memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.adapters.object_blobs import ObjectBlobs
from fieldsync.errors import InputError, NotFoundError, UnreachableError
from fieldsync.ports import BlobStore
from tests.fakes import MemoryBlobs
from tests.object_store import ObjectStore, running_object_store

CONTENT = "签字 signed".encode()
NAME = hashlib.sha256(CONTENT).hexdigest()
LARGE = bytes(range(256)) * (45 << 10)


@pytest.fixture
def object_store() -> Iterator[ObjectStore]:
    """A running S3-compatible store."""
    with running_object_store() as store:
        yield store


@pytest.fixture(params=["folder", "bucket", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each store there is, empty."""
    if request.param == "bucket":
        store: ObjectStore = request.getfixturevalue("object_store")
        return ObjectBlobs(store.url)
    return LocalBlobs(tmp_path / "blobs") if request.param == "folder" else MemoryBlobs()


def test_content_comes_back_under_its_hash(blobs: BlobStore) -> None:
    """What is put is known by its SHA-256 and comes back whole."""
    assert not blobs.has(NAME)
    assert blobs.put(CONTENT) == NAME
    assert blobs.has(NAME)
    assert blobs.get(NAME) == CONTENT


def test_dropped_content_is_gone(blobs: BlobStore) -> None:
    """What is dropped is not here any more; dropping it again changes nothing."""
    blobs.put(CONTENT)
    blobs.drop(NAME)
    blobs.drop(NAME)
    assert not blobs.has(NAME)


def test_content_may_come_in_pieces(blobs: BlobStore) -> None:
    """Eleven megabytes in pieces are kept as one file."""
    name = hashlib.sha256(LARGE).hexdigest()
    blobs.put_pieces(name, (LARGE[at : at + (1 << 20)] for at in range(0, len(LARGE), 1 << 20)))
    assert blobs.get(name) == LARGE


@pytest.mark.parametrize("pieces", [(CONTENT[:3],), (CONTENT, b"x"), (), (LARGE,)])
def test_another_content_never_takes_a_name(blobs: BlobStore, pieces: tuple[bytes, ...]) -> None:
    """Cut short, made longer, empty or altogether another: nothing is kept under the name."""
    with pytest.raises(InputError) as caught:
        blobs.put_pieces(NAME, pieces)
    assert caught.value.code == "422.61"
    assert not blobs.has(NAME)


def test_pieces_that_break_off_leave_nothing(blobs: BlobStore) -> None:
    """Whoever reads the pieces may fail in the middle: there is no half file."""

    def breaking_off() -> Iterator[bytes]:
        yield from (LARGE, LARGE)
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        blobs.put_pieces(NAME, breaking_off())
    assert not blobs.has(NAME)


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


def test_a_wrong_upload_leaves_no_parts_in_the_bucket(object_store: ObjectStore) -> None:
    """The upload is broken off, so that nobody pays for parts that belong to nothing."""
    store = ObjectBlobs(object_store.url)
    with pytest.raises(InputError):
        store.put_pieces(NAME, (LARGE,))
    assert (object_store.object_names(), object_store.unfinished()) == ([], False)


def test_names_in_the_bucket_stand_under_the_prefix(object_store: ObjectStore) -> None:
    """A bucket may be shared with others."""
    ObjectBlobs(object_store.url).put(CONTENT)
    assert object_store.object_names() == [f"bank/{NAME[:2]}/{NAME}"]


def test_a_file_that_the_bucket_changed_is_not_handed_out(object_store: ObjectStore) -> None:
    """What comes back is held against its name."""
    store = ObjectBlobs(object_store.url)
    store.put(CONTENT)
    object_store.replace(f"bank/{NAME[:2]}/{NAME}", b"something else")
    with pytest.raises(UnreachableError) as caught:
        store.get(NAME)
    assert caught.value.code == "503.4"


def test_a_bucket_that_is_away_is_told(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such bucket and no such endpoint are 503.2, without the client library's own words."""
    assert object_store.object_names() == []
    with pytest.raises(UnreachableError) as caught:
        ObjectBlobs("s3://another").put(CONTENT)
    assert caught.value.code == "503.2"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    away = ObjectBlobs(object_store.url)
    for ask in (away.has, away.get):
        with pytest.raises(UnreachableError) as caught:
            ask(NAME)
        assert caught.value.code == "503.2"


@pytest.mark.parametrize(
    "url", ["https://bucket", "s3://", "s3:bucket", "s3://key:secret@bucket", "bucket"]
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    """A mistyped address is told at the start."""
    with pytest.raises(InputError) as caught:
        ObjectBlobs(url)
    assert caught.value.code == "400.7"


def test_an_unencrypted_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of borrowers never cross a network in the clear."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example")
    with pytest.raises(InputError) as caught:
        ObjectBlobs("s3://received")
    assert caught.value.code == "400.8"
