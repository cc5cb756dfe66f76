"""Takes in photos, recordings and papers of a visit: hashed, copied with a stamp, sealed at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_cli.actions.attach import kind_of
from agent_cli.actions.let_go import Seal, seal_of
from agent_cli.actions.visit_records import record_of_visit, require
from agent_cli.context import DeviceContext
from agent_cli.store.database import writing
from fieldsync.adapters.stamped_copy import stamped_copy
from fieldsync.conduct.visit_states import VisitEvent
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.evidence import Evidence, EvidenceItem, EvidenceKind, EvidencePlace
from fieldsync.domain.visit import Visit
from fieldsync.errors import InputError, LocalCopyError
from fieldsync.sync.files import FILE_BYTES_MAX
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import AttachmentRef
from fieldsync.sync.sealing import SEAL_BYTES
from fieldsync.words import words

# Each photo brings two files, and one record may name twenty.
ITEMS_MAX = 10
SEALED_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class _Kept:
    """One capture, and the sealed files it left in the device's folder."""

    item: EvidenceItem
    files: tuple[AttachmentRef, ...]


def take_in(
    ctx: DeviceContext, visit: Visit, paths: Sequence[Path], place: EvidencePlace | None
) -> Evidence:
    """Seal the files to the server and record them; no plain copy stays in the device's folder.

    All are looked at before one is taken. InputError 600.32 to 600.34 for a file that is none of ours,
    600.39 for more than ten; LocalCopyError 602.13 where the server's key is not here yet.
    """
    require(visit, VisitEvent.ATTACH)
    if len(paths) > ITEMS_MAX:
        raise InputError(
            "600.39",
            words("One record takes {most} files.", most=ITEMS_MAX),
            words("Attach the others with another `fieldsync visit attach`."),
        )
    types = [kind_of(path, FILE_BYTES_MAX - SEAL_BYTES) for path in paths]
    seal = seal_of(ctx)
    if seal is None:
        raise LocalCopyError(
            "602.13",
            words("The server's key is not on this device, so nothing can be sealed to it."),
            words("Run `fieldsync sync` first; the file itself stays where it is."),
        )
    kept = [_take(ctx, visit, path, kind, seal) for path, kind in zip(paths, types, strict=True)]
    evidence = Evidence(visit.visit_id, tuple(one.item for one in kept), place)
    # Two captures of the same bytes are sealed differently, so no file is named twice.
    files = [file for one in kept for file in one.files]
    with writing(ctx.conn) as conn:
        kind = OperationKind.VISIT_EVIDENCE
        record_of_visit(ctx, conn, visit, kind, to_builtins(evidence), files)
    return evidence


def _take(ctx: DeviceContext, visit: Visit, path: Path, media_type: str, seal: Seal) -> _Kept:
    plain = path.read_bytes()
    now = ctx.clock.now()
    stamp = f"{visit.case_id}  {now.isoformat(timespec='seconds')}"
    copy = stamped_copy(plain, stamp) if media_type.startswith("image/") else None
    original = _sealed(ctx, seal(plain))
    stamped = None if copy is None else _sealed(ctx, seal(copy))
    item = EvidenceItem(
        original.sha256,
        hashlib.sha256(plain).hexdigest(),
        media_type,
        _kind(media_type),
        now,
        None if stamped is None else stamped.sha256,
        None if copy is None else hashlib.sha256(copy).hexdigest(),
    )
    return _Kept(item, (original,) if stamped is None else (original, stamped))


def _sealed(ctx: DeviceContext, content: bytes) -> AttachmentRef:
    return AttachmentRef(ctx.blobs.put(content), len(content), SEALED_TYPE)


def _kind(media_type: str) -> EvidenceKind:
    if media_type == "application/pdf":
        return EvidenceKind.PAPER
    return EvidenceKind.PHOTO if media_type.startswith("image/") else EvidenceKind.AUDIO
