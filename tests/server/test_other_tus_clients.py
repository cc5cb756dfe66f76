"""Clients of tus that are not ours, unchanged: they upload, stop, resume, and notice what was spoilt."""

import json
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed
from werkzeug.serving import make_server

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from tests.interop.signing_forwarder import Forwarder, forwarding
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.tus_device import ROOT, note_with, sha_of

PICTURE = b"\xff\xd8\xff\xe0" + random.Random(5).randbytes(5_000_000)  # noqa: S311 - no secret
NAME = sha_of(PICTURE)
MIB = 1 << 20
INTEROP = Path(__file__).parent.parent / "interop"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file of 5 MB."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(PICTURE)
    return path


@pytest.fixture
def forwarder(
    staffed: ServerContext, device: FieldDevice, give: CaseGiver, ana: Officer
) -> Iterator[Forwarder]:
    """The way to a real server on loopback, where a record of Ana's names the picture."""
    give(ana)
    note_with(device, PICTURE)
    server = make_server("127.0.0.1", 0, create_app(staffed), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with forwarding(f"http://127.0.0.1:{server.server_port}", device) as opened:
        yield opened
    server.shutdown()
    thread.join()
    server.server_close()


def test_tuspy_stops_and_resumes(
    staffed: ServerContext, forwarder: Forwarder, picture: Path
) -> None:
    """The Python client creates, sends two chunks with checksums, and a second one goes on from there."""
    client = TusClient(forwarder.url + ROOT)
    how = {"chunk_size": MIB, "metadata": {"sha256": NAME}, "upload_checksum": True}
    with picture.open("rb") as file:
        first = client.uploader(file_stream=file, **how)
        first.upload(stop_at=2 * MIB)
        assert first.offset == 2 * MIB
        second = client.uploader(file_stream=file, url=first.url, **how)
        assert second.offset == 2 * MIB
        second.upload()
    assert staffed.blobs.get(NAME) == PICTURE
    assert forwarder.asked == [
        ("POST", 201),
        ("PATCH", 204),
        ("PATCH", 204),
        ("HEAD", 200),
        ("PATCH", 204),
        ("PATCH", 204),
        ("PATCH", 204),
    ]


def test_tuspy_sends_a_spoilt_chunk_again(
    staffed: ServerContext, forwarder: Forwarder, picture: Path
) -> None:
    """A byte that was altered on the way is noticed by the client's checksum; its retry mends it."""
    spoilt: list[int] = []

    def alter(method: str, body: bytes) -> bytes:
        if method != "PATCH" or spoilt:
            return body
        spoilt.append(len(body))
        return b"?" + body[1:]

    forwarder.alter = alter
    client = TusClient(forwarder.url + ROOT)
    how = {"chunk_size": 2 * MIB, "metadata": {"sha256": NAME}, "upload_checksum": True}
    with picture.open("rb") as file:
        with pytest.raises(TusUploadFailed) as caught:
            client.uploader(file_stream=file, **how).upload()
        assert caught.value.status_code == 460
        spoilt.clear()
        client.uploader(file_stream=file, retries=1, retry_delay=0, **how).upload()
    assert staffed.blobs.get(NAME) == PICTURE
    assert ("PATCH", 460) in forwarder.asked


@pytest.fixture(scope="session")
def node_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript client, installed by name, each package held against its pinned hash."""
    npm = shutil.which("npm")
    assert npm, "npm is missing: `make system` installs it, or names it"
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "upload.mjs"):
        shutil.copy(INTEROP / name, folder)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "upload.mjs"


def test_tus_js_client_stops_resumes_and_sends_again(
    staffed: ServerContext, forwarder: Forwarder, picture: Path, node_client: Path
) -> None:
    """The JavaScript client aborts after two chunks, resumes, and finds a finished file finished."""
    done = subprocess.run(
        ["node", str(node_client), forwarder.url + ROOT, str(picture), NAME],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["url"] == f"{forwarder.url}{ROOT}/{NAME}"
    assert told["offsets"][:2] == [MIB, 2 * MIB]
    whole = told["requests"][: told["requestsUntilWhole"]]
    assert whole == [["POST", 201], *[["PATCH", 204]] * 2, ["HEAD", 200], *[["PATCH", 204]] * 3]
    again = told["requests"][told["requestsUntilWhole"] :]
    assert again[0] == ["POST", 200]
    assert again[-1] == ["HEAD", 200]
    assert staffed.blobs.get(NAME) == PICTURE
