"""Whatever is sent as a file or a part of one: a documented problem and the upload where it was."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsync.domain.officer import Officer
from fieldsync.sync.files import CHUNK_TYPE
from server.context import ServerContext
from tests.conftest import Proven
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.test_fuzzed_requests import documented, stored
from tests.server.tus_device import ROOT, b64, checksum, create, head, note_with, sha_of

PICTURE = bytes(range(256)) * 8
NAME = sha_of(PICTURE)
FAR = b64(sha_of(b"another file").encode())
PATHS = (ROOT, f"{ROOT}/{NAME}", f"{ROOT}/{NAME[:-1]}", f"{ROOT}/..%2f{NAME}", f"{ROOT}/%00")
METHODS = ("POST", "HEAD", "PATCH", "DELETE", "PUT", "GET")
# Whatever a line of a header may hold.
VALUES = st.one_of(
    st.sampled_from(("", "-1", "0", "1", "9" * 400, "1e3", "0x10", " 7", "sha256 ", "sha256 !")),
    st.sampled_from((f"sha256 {FAR}", "sha256 AA==", "sha1 " + "A" * 500, "md5 AAAA", ",,,", "é")),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")),
)
NAMES = (
    *("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Checksum"),
    *("Content-Type", "Content-Encoding", "Upload-Defer-Length", "Upload-Concat"),
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES.map(str.strip), max_size=3)
CONTENTS = st.one_of(
    st.just(b""), st.just(PICTURE[:9]), st.just(PICTURE * 2), st.binary(max_size=40)
)


@pytest.fixture
def sending(device: FieldDevice, give: CaseGiver, ana: Officer) -> FieldDevice:
    """Ana's device in the middle of a file that a note names."""
    give(ana)
    note_with(device, PICTURE)
    assert create(device, PICTURE).status_code == 201
    return device


def sound(method: str, path: str) -> dict[str, str]:
    """The headers with which the request would do what it is for."""
    base = {"Tus-Resumable": "1.0.0"}
    if method == "POST":
        return base | {
            "Upload-Length": str(len(PICTURE)),
            "Upload-Metadata": f"sha256 {b64(NAME.encode())}",
        }
    if method == "PATCH" and path != ROOT:
        return base | {"Upload-Offset": "0", "Content-Type": CHUNK_TYPE, **checksum(PICTURE[:9])}
    return base


def held_to(ctx: ServerContext, device: FieldDevice, request: dict[str, Any]) -> int:
    """Send: nothing is stored but bytes of that file; 1 where the answer was a problem."""
    before, standing = stored(ctx), head(device, NAME).headers.get("Upload-Offset")
    extra = {**sound(request["method"], request["path"]), **request["headers"]}
    content_type = extra.pop("Content-Type", "")
    answer = device.send(
        request["method"],
        request["path"],
        request["content"],
        content_type=content_type,
        extra=extra,
    )
    assert answer.status_code < 500, answer.get_data(as_text=True)
    # Who ends the upload has asked for it; a later step begins it anew.
    if answer.status_code < 300:
        create(device, PICTURE)
        return 0
    if request["method"] != "HEAD":
        assert answer.get_json()["code"] in documented()
    assert stored(ctx) == before
    assert head(device, NAME).headers.get("Upload-Offset") == standing
    return 1


REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(METHODS),
        "path": st.sampled_from(PATHS),
        "headers": HEADERS,
        "content": CONTENTS,
    }
)


def fuzz(ctx: ServerContext, device: FieldDevice, examples: int) -> int:
    """So many requests; how many were refused."""
    refused = 0

    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(request=REQUESTS)
    def ask(request: dict[str, Any]) -> None:
        nonlocal refused
        refused += held_to(ctx, device, request)

    ask()
    return refused


def test_files_take_anything(sending: FieldDevice, staffed: ServerContext, proven: Proven) -> None:
    """Methods, addresses, headers and contents in any combination."""
    refused = fuzz(staffed, sending, 100)
    assert refused > 10
    proven(("bad input",), faults=refused, steps=100)


@pytest.mark.slow
def test_files_take_anything_for_long(
    sending: FieldDevice, staffed: ServerContext, proven: Proven
) -> None:
    """The same two thousand times."""
    refused = fuzz(staffed, sending, 2000)
    assert refused > 200
    proven(("bad input",), faults=refused, steps=2000)


def test_an_altered_chunk_is_no_part_of_the_file(
    sending: FieldDevice, staffed: ServerContext, tmp_path: Path, proven: Proven
) -> None:
    """Each of some bytes of a chunk changed, its checksum not: refused, and nothing of it is kept."""
    places = range(0, 90, 9)
    for place in places:
        altered = bytearray(PICTURE[:90])
        altered[place] ^= 1
        request = {
            "method": "PATCH",
            "path": f"{ROOT}/{NAME}",
            "headers": {"Content-Type": CHUNK_TYPE, **checksum(PICTURE[:90])},
            "content": bytes(altered),
        }
        assert held_to(staffed, sending, request) == 1
    assert not list(tmp_path.rglob(NAME[:2] + "/" + NAME))
    proven(("bad input", "G10"), faults=len(places), steps=len(places))
