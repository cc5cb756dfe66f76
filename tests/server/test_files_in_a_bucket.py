"""A server whose received files lie in a bucket: the same uploads, and a bucket away breaks nothing."""

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fieldsync.domain.check import Level
from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError
from server.app import create_app
from server.context import ServerContext, open_server
from server.workflow.examine import examine
from tests.fakes import FixedClock
from tests.object_store import ObjectStore, running_object_store
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.tus_device import create, head, note_with, patch, sha_of

PICTURE = bytes(range(256)) * 40
NAME = sha_of(PICTURE)


@pytest.fixture
def object_store() -> Iterator[ObjectStore]:
    """A running S3-compatible store."""
    with running_object_store() as store:
        yield store


@pytest.fixture
def client(
    staffed: ServerContext,
    server_home: Path,
    clock: FixedClock,
    object_store: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
) -> FlaskClient:
    """The app of the same server, opened again with the bucket in its settings."""
    monkeypatch.setenv("FIELDSYNC_BLOBS_URL", object_store.url)
    opened = open_server(str(server_home))
    opened.engine.dispose()
    ctx = dataclasses.replace(opened, clock=clock, engine=staffed.engine)
    return create_app(ctx).test_client()


def _context(device: FieldDevice) -> ServerContext:
    found = device.client.application.extensions["fieldsync"]
    assert isinstance(found, ServerContext)
    return found


def _level(device: FieldDevice) -> Level:
    (check,) = (c for c in examine(_context(device)) if c.name == "files")
    return check.level


def test_a_file_in_chunks_ends_in_the_bucket(
    device: FieldDevice, give: CaseGiver, ana: Officer, object_store: ObjectStore
) -> None:
    """Chunks are gathered on the server's disk; the whole file goes up and comes back from the bucket."""
    give(ana)
    note_with(device, PICTURE)
    create(device, PICTURE)
    patch(device, NAME, 0, PICTURE[:5000])
    assert object_store.object_names() == []
    assert patch(device, NAME, 5000, PICTURE[5000:]).status_code == 204
    assert object_store.object_names() == [f"bank/{NAME[:2]}/{NAME}"]
    assert device.send("GET", f"/api/v1/blobs/{NAME}").data == PICTURE
    assert list((_context(device).config.home / "blobs").glob("*/*")) == []
    assert _level(device) is Level.OK


def test_a_bucket_that_is_away_is_told_and_asked_again_later(
    device: FieldDevice, give: CaseGiver, ana: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every chunk stays; once the bucket answers, the next question puts the file there."""
    give(ana)
    note_with(device, PICTURE)
    create(device, PICTURE)
    blobs = _context(device).blobs
    with monkeypatch.context() as patched:
        patched.setattr(blobs, "_bucket", "no-such-bucket")
        vars(blobs).pop("_store", None)
        answer = patch(device, NAME, 0, PICTURE)
        assert _level(device) is Level.FAIL
    vars(blobs).pop("_store", None)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "503.2")
    assert answer.headers["Retry-After"] == "5"
    assert head(device, NAME).headers["Upload-Offset"] == str(len(PICTURE))
    assert device.send("GET", f"/api/v1/blobs/{NAME}").data == PICTURE


def test_an_absent_library_is_told(server_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets a bucket without the package for it learns what to install."""
    monkeypatch.setenv("FIELDSYNC_BLOBS_URL", "s3://received")
    monkeypatch.delitem(sys.modules, "fieldsync.adapters.object_blobs", raising=False)
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(InputError) as caught:
        open_server(str(server_home))
    assert caught.value.code == "400.9"


def test_a_file_the_bucket_changed_is_found(
    device: FieldDevice, give: CaseGiver, ana: Officer, object_store: ObjectStore
) -> None:
    """The examination finds it, and it is never handed out."""
    give(ana)
    note_with(device, PICTURE)
    create(device, PICTURE)
    patch(device, NAME, 0, PICTURE)
    object_store.replace(f"bank/{NAME[:2]}/{NAME}", b"another")
    assert _level(device) is Level.FAIL
    answer = device.send("GET", f"/api/v1/blobs/{NAME}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "503.4")
