"""The log's chain: whatever a batch looks like, it fits, leaves a gap or is a fork; nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.sync.chain import Head, Linked, Placement, arrange, envelope_fault, to_verify
from fieldsync.sync.kinds import VOUCHED_FOR
from fieldsync.sync.operation import (
    AttachmentRef,
    ClockReading,
    Operation,
    chain_hash,
    decode_body,
    encode_body,
    genesis_hash,
)

DEVICE = "0192f6a4-0000-7000-8000-0000000000aa"
GENESIS = Head(0, genesis_hash(DEVICE))


def operation(seq: int, prev_hash: str, text: str = "") -> Operation:
    """A note at this place."""
    return Operation(
        device_id=DEVICE,
        seq=seq,
        prev_hash=prev_hash,
        op_id=f"0192f6a4-0000-7000-8000-{seq:012d}",
        kind="visit.note",
        case_id="C-1",
        occurred_at=datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
        clock=ClockReading(1, "boot"),
        payload={"text": text},
    )


def log(texts: list[str], head: Head = GENESIS) -> list[Linked]:
    """An honest log that goes on from a head."""
    found = []
    for text in texts:
        made = operation(head.seq + 1, head.hash, text)
        body = encode_body(made)
        head = Head(made.seq, chain_hash(head.hash, body))
        found.append(Linked(made, body, "", head.hash))
    return found


def head_of(linked: list[Linked]) -> Head:
    """The end of a log."""
    return Head(linked[-1].operation.seq, linked[-1].hash) if linked else GENESIS


@given(st.lists(st.text(max_size=5), max_size=8), st.data())
def test_any_part_sent_again_stores_exactly_what_is_new(
    texts: list[str], data: st.DataObject
) -> None:
    """G1: wherever the server stands and wherever the batch begins at or before it, only news is stored."""
    whole = log(texts)
    known = data.draw(st.integers(0, len(whole)))
    begin = data.draw(st.integers(0, known))
    end = data.draw(st.integers(begin, len(whole)))
    stored = {x.operation.seq: x.hash for x in whole[:known]}
    found = arrange(head_of(whole[:known]), stored, whole[begin:end])
    assert found.placement is Placement.FITS
    assert list(found.fresh) == whole[known : max(known, end)]


@given(st.lists(st.text(max_size=3), min_size=1, max_size=6), st.data())
def test_another_past_is_always_a_fork(texts: list[str], data: st.DataObject) -> None:
    """G2: change one record anywhere at or below the head and the batch is refused at that place."""
    whole = log(texts)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = log([texts[at] + "!"], head_of(whole[:at]))
    stored = {x.operation.seq: x.hash for x in whole}
    found = arrange(head_of(whole), stored, [*whole[:at], *other])
    assert (found.placement, found.at, found.fresh) == (Placement.FORK, other[0], ())


@given(st.lists(st.text(max_size=3), min_size=2, max_size=6), st.data())
def test_a_missing_record_is_a_gap(texts: list[str], data: st.DataObject) -> None:
    """A batch that begins beyond the next place is never stored."""
    whole = log(texts)
    known = data.draw(st.integers(0, len(whole) - 2))
    begin = data.draw(st.integers(known + 1, len(whole) - 1))
    stored = {x.operation.seq: x.hash for x in whole[:known]}
    found = arrange(head_of(whole[:known]), stored, whole[begin:])
    assert (found.placement, found.fresh) == (Placement.GAP, ())


def test_a_batch_that_repeats_itself_is_stored_once() -> None:
    """The same record twice in one batch is one record."""
    (one,) = log(["a"])
    assert arrange(GENESIS, {}, [one, one]).fresh == (one,)


def test_a_body_survives_its_journey() -> None:
    """What the device wrote is what the server reads."""
    made = operation(1, GENESIS.hash, "听他说")
    assert decode_body(encode_body(made)) == made


SOUND = operation(1, GENESIS.hash)
FILE = AttachmentRef("a" * 64, 1, "image/png")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("device_id", {"device_id": "another"}),
        ("seq", {"seq": 0}),
        ("prev_hash", {"prev_hash": "xyz"}),
        ("op_id", {"op_id": "1"}),
        ("kind", {"kind": ""}),
        ("case_id", {"case_id": "C\x001"}),
        ("occurred_at", {"occurred_at": datetime(1, 1, 1, tzinfo=UTC)}),
        ("occurred_at", {"occurred_at": datetime(2026, 1, 1)}),  # noqa: DTZ001 - the point
        ("depends_on", {"depends_on": ("me",)}),
        ("attachments", {"attachments": (FILE, FILE)}),
        ("attachments", {"attachments": (AttachmentRef("a" * 64, 0, "x"),)}),
    ],
)
def test_envelopes_that_no_device_writes_are_named(field: str, change: dict[str, object]) -> None:
    """The first wrong field is named; an honest envelope has none."""
    import dataclasses

    assert envelope_fault(SOUND, DEVICE) is None
    assert envelope_fault(dataclasses.replace(SOUND, **change), DEVICE) == field  # type: ignore[arg-type]  # wrong on purpose


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["visit.note", "visit.refused", "hardship.disclose", "novel"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_every_operation_is_proved_by_its_own_signature_or_by_the_next(
    log: list[tuple[str, bool]],
) -> None:
    """Wherever the links break and whatever the kinds: what is passed over is a remark that the next links to."""
    batch: list[Linked] = []
    last = GENESIS.hash
    for seq, (kind, is_linked) in enumerate(log, 1):
        made = replace(operation(seq, last if is_linked else "0" * 64), kind=kind)
        body = encode_body(made)
        last = chain_hash(made.prev_hash, body)
        batch.append(Linked(made, body, "", last))
    verified = {linked.hash for linked in to_verify(batch)}
    for place, linked in enumerate(batch):
        if linked.hash not in verified:
            assert linked.operation.kind in VOUCHED_FOR
            assert batch[place + 1].operation.prev_hash == linked.hash
    assert not batch or batch[-1].hash in verified
