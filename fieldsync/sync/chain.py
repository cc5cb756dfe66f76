"""Where pushed operations belong in a device's log: new, known already, a gap or a fork."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fieldsync.domain.ids import UUID7_PATTERN
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


def envelope_fault(operation: Operation, device_id: str) -> str | None:
    """The first envelope field that no honest device writes so, or None."""
    checks = {
        "device_id": operation.device_id == device_id,
        "seq": 1 <= operation.seq <= _SEQ_MAX,
        "prev_hash": bool(_HASH.fullmatch(operation.prev_hash)),
        "op_id": bool(_UUID7.fullmatch(operation.op_id)),
        "kind": bool(_NAME.fullmatch(operation.kind)),
        "case_id": operation.case_id is None or bool(_NAME.fullmatch(operation.case_id)),
        "occurred_at": _is_plausible(operation),
        "depends_on": len(operation.depends_on) <= _DEPENDENCIES_MAX
        and all(_UUID7.fullmatch(op_id) for op_id in operation.depends_on),
        "attachments": _are_files(operation),
    }
    return next((name for name, sound in checks.items() if not sound), None)


def _is_plausible(operation: Operation) -> bool:
    at = operation.occurred_at
    offset = at.utcoffset()
    return (
        offset is not None and _YEARS[0] < at.year < _YEARS[1] and abs(offset) < timedelta(days=1)
    )


def _are_files(operation: Operation) -> bool:
    names = [a.sha256 for a in operation.attachments]
    return (
        len(names) == len(set(names)) <= _ATTACHMENTS_MAX
        and all(_HASH.fullmatch(name) for name in names)
        and all(_NAME.fullmatch(a.type) and 0 < a.size < 1 << 31 for a in operation.attachments)
    )
