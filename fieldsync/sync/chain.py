"""Where pushed operations belong in a device's log: new, known already, a gap or a fork."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

from fieldsync.domain.ids import UUID7_PATTERN
from fieldsync.sync.kinds import VOUCHED_FOR
from fieldsync.sync.operation import Operation

_UUID7 = re.compile(UUID7_PATTERN)
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_YEARS = (1970, 9998)
# What both stores keep as a whole number of 32 bits.
_SEQ_MAX = (1 << 31) - 1
_ATTACHMENTS_MAX = 20
_DEPENDENCIES_MAX = 50


class Placement(StrEnum):
    """What a batch is to the log it came for."""

    FITS = "fits"
    GAP = "gap"
    FORK = "fork"


@dataclass(frozen=True, slots=True)
class Head:
    """The last operation of a device's log, as one side holds it; seq 0 and the genesis hash at first."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A pushed operation with its exact body, signature and computed hash."""

    operation: Operation
    body: str
    sig: str
    hash: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`fresh` are to be stored, in order; `at` is the operation that does not fit, where one does not."""

    placement: Placement
    fresh: tuple[Linked, ...] = ()
    at: Linked | None = None


def arrange(
    head: Head,
    stored: Mapping[int, str],
    batch: Sequence[Linked],
    shown: Mapping[int, str] | None = None,
) -> Arrangement:
    """Fit a batch to the log whose head is stored; `stored` maps seqs at or below it to their hashes.

    `shown` maps seqs that the device showed ahead of their place to theirs. A place that holds another hash, or a link to another past, is a fork (G2); never skipped silently.
    """
    fresh: list[Linked] = []
    known = dict(stored)
    ahead = shown or {}
    last = head
    for linked in batch:
        seq = linked.operation.seq
        if seq <= last.seq:
            if known.get(seq) != linked.hash:
                return Arrangement(Placement.FORK, at=linked)
            continue
        if seq > last.seq + 1:
            return Arrangement(Placement.GAP, at=linked)
        if linked.operation.prev_hash != last.hash or ahead.get(seq, linked.hash) != linked.hash:
            return Arrangement(Placement.FORK, at=linked)
        last = Head(seq, linked.hash)
        known[seq] = linked.hash
        fresh.append(linked)
    return Arrangement(Placement.FITS, tuple(fresh))


def to_verify(batch: Sequence[Linked]) -> tuple[Linked, ...]:
    """Those of a batch whose own signatures must be looked at.

    Each signature is over a hash that holds the whole log before it, so it proves all that the next
    one links to; a remark that the following operation of this batch links to needs no more.
    """
    vouched = {
        before.hash
        for before, after in pairwise(batch)
        if before.operation.kind in VOUCHED_FOR and after.operation.prev_hash == before.hash
    }
    return tuple(linked for linked in batch if linked.hash not in vouched)


def envelope_fault(operation: Operation, device_id: str) -> str | None:
    """The first envelope field that no honest device writes so, or None."""
    if operation.device_id != device_id:
        return "device_id"
    return next((name for name, is_sound in _FIELDS if not is_sound(operation)), None)


def _has_case(operation: Operation) -> bool:
    return operation.case_id is None or bool(_NAME.fullmatch(operation.case_id))


def _depends(operation: Operation) -> bool:
    before = operation.depends_on
    return not before or (
        len(before) <= _DEPENDENCIES_MAX and all(_UUID7.fullmatch(op_id) for op_id in before)
    )


def _is_plausible(operation: Operation) -> bool:
    at = operation.occurred_at
    offset = at.utcoffset()
    return (
        offset is not None and _YEARS[0] < at.year < _YEARS[1] and abs(offset) < timedelta(days=1)
    )


def _are_files(operation: Operation) -> bool:
    if not operation.attachments:
        return True
    names = [a.sha256 for a in operation.attachments]
    return (
        len(names) == len(set(names)) <= _ATTACHMENTS_MAX
        and all(_HASH.fullmatch(name) for name in names)
        and all(_NAME.fullmatch(a.type) and 0 < a.size < 1 << 31 for a in operation.attachments)
    )


# In the order in which a fault is named.
_FIELDS: tuple[tuple[str, Callable[[Operation], object]], ...] = (
    ("seq", lambda o: 1 <= o.seq <= _SEQ_MAX),
    ("prev_hash", lambda o: _HASH.fullmatch(o.prev_hash)),
    ("op_id", lambda o: _UUID7.fullmatch(o.op_id)),
    ("kind", lambda o: _NAME.fullmatch(o.kind)),
    ("case_id", _has_case),
    ("occurred_at", _is_plausible),
    ("depends_on", _depends),
    ("attachments", _are_files),
)
