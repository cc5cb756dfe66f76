"""Whatever order chunks, faults, deaths, deletions and waiting come in: the exact file once, or nothing."""

import itertools
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from server.store.engine import reading
from server.store.partial_files import partial_of
from server.store.tables import audit, blobs
from tests.server.dying import DiedError, dying_at
from tests.server.field_device import FieldDevice
from tests.server.tus_device import ROOT, checksum, create, head, patch, sha_of, tus

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens; `size`, `shift` and `spoilt` are what a chunk gets right or wrong.

    `dies_at` is the change of the disk at which the server's process dies; 0 for a long life.
    """

    what: str
    size: int = 0
    shift: int = 0
    spoilt: bool = False
    dies_at: int = 0


_CHUNK = st.builds(
    Step,
    what=st.just("patch"),
    size=st.integers(0, 900),
    shift=st.sampled_from([0] * 8 + [-1, 1, 500]),
    spoilt=st.sampled_from([False] * 5 + [True]),
    dies_at=st.sampled_from([0] * 12 + list(range(1, 13))),
)
_OTHER = st.builds(
    Step,
    what=st.sampled_from(["create", "wrong sum", "head", "delete", "expire", "restart"]),
    dies_at=st.sampled_from([0] * 8 + list(range(1, 9))),
)
_STEPS = st.lists(st.one_of(_CHUNK, _CHUNK, _CHUNK, _OTHER), max_size=12)


class Story:
    """One file of one officer, and what happens to it."""

    def __init__(self, ctx: ServerContext, device: FieldDevice, officer_id: str, size: int) -> None:
        self.ctx, self.device, self.officer_id = ctx, device, officer_id
        number = next(_numbers)
        self.content = (f"{number}:".encode() * size)[:size] + number.to_bytes(4)
        self.name = sha_of(self.content)
        payload = {"visit_id": "V-1", "text": "the door"}
        device.record("visit.note", "C-1", payload, files=(self.content,))
        assert device.push(device.journal[-1]).status_code == 200

    def happen(self, step: Step) -> None:
        """Let it happen, perhaps with a death in the middle, which ends the process."""
        with dying_at(step.dies_at or 1_000_000) as life:
            self._do(step)
        if life.is_over:
            event("died in " + step.what)
            self._restart()

    def check(self) -> None:
        """The file is there exactly as it is named, or not there."""
        if self.ctx.blobs.has(self.name):
            assert self.ctx.blobs.get(self.name) == self.content
        offset = self._offset()
        assert offset is None or 0 <= offset <= len(self.content)

    def finish(self) -> None:
        """Go on like an honest device that knows nothing of what was before."""
        for _try in range(3):
            offset = self._create()
            if offset < len(self.content):
                answer = patch(self.device, self.name, offset, self.content[offset:])
                # Spoilt bytes that came before are found out now; then all begins anew.
                assert answer.status_code in {204, 422}
        assert self.ctx.blobs.get(self.name) == self.content
        upload = partial_of(self.ctx.config.uploads, self.officer_id, self.name)
        assert not upload.folder.exists()
        with reading(self.ctx.engine) as conn:
            for table, column in ((blobs, blobs.c.sha256), (audit, audit.c.subject)):
                count = select(func.count()).select_from(table).where(column == self.name)
                assert conn.execute(count).scalar() == 1

    def _do(self, step: Step) -> None:
        match step.what:
            case "patch":
                self._patch(step)
            case "wrong sum":
                before = self._offset()
                wrong = checksum(b"another")["Upload-Checksum"]
                patch(self.device, self.name, before or 0, b"some", upload_checksum=wrong)
                assert self._offset() == before
            case "create":
                self._create()
            case "delete":
                tus(self.device, "DELETE", f"{ROOT}/{self.name}")
            case "expire":
                self.device.clock.go_on(days=8)
            case "restart":
                self._restart()
            case _:
                head(self.device, self.name)

    def _patch(self, step: Step) -> None:
        offset = self._create() + step.shift
        chunk = self.content[max(0, offset) : max(0, offset) + step.size]
        if step.spoilt:
            chunk = b"?" * len(chunk)
        answer = patch(self.device, self.name, offset, chunk)
        event(f"patch answers {answer.status_code}")
        assert answer.status_code in {204, 400, 409, 422}
        if answer.status_code == 204:
            assert int(answer.headers["Upload-Offset"]) == offset + len(chunk)

    def _create(self) -> int:
        answer = create(self.device, self.content)
        # 422 finds out what was spoilt before a death; the next one begins anew.
        assert answer.status_code in {200, 201, 422}
        return int(answer.headers.get("Upload-Offset", 0))

    def _offset(self) -> int | None:
        answer = head(self.device, self.name)
        return int(answer.headers["Upload-Offset"]) if answer.status_code == 200 else None

    def _restart(self) -> None:
        self.device.client = create_app(self.ctx).test_client()


@given(steps=_STEPS, size=st.integers(0, 2500))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_exact_file_once_or_nothing(
    staffed: ServerContext, device: FieldDevice, ana: Officer, steps: list[Step], size: int
) -> None:
    """After every step the file is whole or absent; an honest device can always finish, and it counts once."""
    story = Story(staffed, device, ana.officer_id, size)
    for step in steps:
        story.happen(step)
        story.check()
    story.finish()


def test_a_death_is_a_death(tmp_path: Path) -> None:
    """The harness itself: the deadly change and whatever would tidy up after it do not happen."""
    first, second = tmp_path / "first", tmp_path / "second"
    with dying_at(2) as life:
        first.mkdir()
        try:
            second.mkdir()
        finally:
            with suppress(DiedError):
                first.rename(second)
    assert life.is_over
    assert (first.exists(), second.exists()) == (True, False)
