"""Whatever bytes a rescue file is changed in, only what the device itself signed is ever stored."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from fieldsync.domain.officer import Officer
from fieldsync.errors import InputError
from fieldsync.sync.operation import genesis_hash
from server.context import ServerContext
from server.store.engine import reading, writing
from server.store.tables import (
    attachments,
    blobs,
    devices,
    disclosures,
    holds,
    operations,
    quarantine,
    visits,
)
from server.workflow.import_rescue import import_rescue
from tests.server.case_files import disclosure, visit_start
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice
from tests.server.rescue_files import rescued, write

PICTURE = b"a small picture of the letter box"
Damage = Callable[[bytes], bytes]


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """A byte written over, a piece cut out or written twice, at some places."""
    places = draw(
        st.lists(
            st.tuples(st.floats(0, 1), st.integers(0, 255), st.integers(0, 3)),
            min_size=1,
            max_size=4,
        )
    )

    def spoil(raw: bytes) -> bytes:
        for where, byte, how in places:
            at = min(int(where * len(raw)), max(len(raw) - 1, 0))
            piece = {0: bytes([byte]), 1: b"", 2: raw[at : at + 1] * 2, 3: raw[at : at + byte] * 2}
            raw = raw[:at] + piece[how] + raw[at + (byte if how == 3 else 1) :]
        return raw

    return spoil


def _forget(ctx: ServerContext, device: FieldDevice) -> None:
    """The server as it was before the import."""
    with writing(ctx.engine) as conn:
        for table in (attachments, visits, disclosures, holds, blobs, quarantine, operations):
            conn.execute(delete(table))
        start = {"head_seq": 0, "head_hash": genesis_hash(device.device_id)}
        conn.execute(update(devices).values(**start))


def _kept(ctx: ServerContext) -> list[tuple[str, str]]:
    """Body and signature of every record that the server has."""
    with reading(ctx.engine) as conn:
        return [
            (row.body, row.signature)
            for table in (operations, quarantine)
            for row in conn.execute(select(table.c.body, table.c.signature))
        ]


@pytest.fixture
def laptop(device: FieldDevice, give: CaseGiver, ana: Officer, ben: Officer) -> FieldDevice:
    """A device with three records and a photo, none of it delivered."""
    give(ana, ben)
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    note = {"visit_id": "V-1", "text": '信箱 "满" \\ ok'}
    device.record("visit.note", "C-1", note, files=(PICTURE,))
    return device


@pytest.mark.parametrize("examples", [40, pytest.param(600, marks=pytest.mark.slow)])
def test_no_changed_byte_stores_an_unverified_record(
    staffed: ServerContext, laptop: FieldDevice, tmp_path: Path, examples: int
) -> None:
    """Each stored body and signature is, byte for byte, one that the device wrote; the photo is whole."""
    path = write(tmp_path / "rescue.json", rescued(laptop, PICTURE))
    whole = path.read_bytes()
    signed = {(one.body, one.sig) for one in laptop.journal}

    @given(damage=damages())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def spoil(damage: Damage) -> None:
        _forget(staffed, laptop)
        path.write_bytes(damage(whole))
        try:
            import_rescue(staffed, path, dry_run=False)
        except InputError as refused:
            assert refused.code in {"400.19", "400.20"}  # noqa: PT017 - the damage decides which
        kept = _kept(staffed)
        assert set(kept) <= signed
        assert len(kept) == len(set(kept))
        with reading(staffed.engine) as conn:
            for name in conn.execute(select(blobs.c.sha256)).scalars():
                assert staffed.blobs.get(name) == PICTURE

    spoil()


def test_every_field_of_every_record_matters(
    staffed: ServerContext, laptop: FieldDevice, tmp_path: Path
) -> None:
    """Any one character of a body or a signature changed: that record is refused, the others are kept."""
    content = rescued(laptop, PICTURE)
    for number, one in enumerate(content["records"]):
        for part in ("body", "sig"):
            text = one[part]
            for at in range(0, len(text) - (part == "sig"), 37):
                _forget(staffed, laptop)
                changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
                spoilt = [*content["records"]]
                spoilt[number] = {**one, part: changed}
                report = import_rescue(
                    staffed,
                    write(tmp_path / "rescue.json", {**content, "records": spoilt}),
                    dry_run=False,
                )
                assert [p.number for p in report.problems if p.entry.value == "record"] == [
                    number + 1
                ], (number, part, at)
                assert len(_kept(staffed)) == len(content["records"]) - 1
