"""Opens what was captured at a visit: checked against its record, and written down before anybody sees it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fieldsync.domain.evidence import EvidenceItem
from fieldsync.domain.media import media_type_of
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.security.sealing import open_bytes
from server.store.audit import record
from server.store.cases import load_case
from server.store.engine import reading, writing
from server.store.evidence import StoredEvidence, evidence_ending_in, evidence_of
from server.store.retrying import retried
from server.workflow.find_one import only_one

_TAIL = 8
_HEAD_BYTES = 16
# By what a file's own bytes say; what a device called it names no file here.
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/avif": "avif",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/AMR": "amr",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "video/3gpp": "3gp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """One file in the clear, under a name made here, and the SHA-256 of it that the record names."""

    name: str
    plain_sha256: str
    content: bytes


def list_evidence(ctx: ServerContext, case_id: str) -> list[StoredEvidence]:
    """What was captured at the visits of a case; NotFoundError 404.73 for an unknown one."""
    with reading(ctx.engine) as conn:
        found = evidence_of(conn, case_id)
        if not found and load_case(conn, case_id) is None:
            raise NotFoundError(
                "404.73",
                words("There is no case {case_id}.", case_id=case_id),
                words("Give the case as the bank's book names it."),
            )
    return found


def get_evidence(ctx: ServerContext, op_id: str) -> StoredEvidence:
    """One record by its id or the end of it; NotFoundError 404.72, ConflictError 409.72."""
    missing = NotFoundError(
        "404.72",
        words("There is no evidence {id}.", id=op_id),
        words("`fieldsync-server evidence list CASE` shows what was captured for a case."),
    )
    where = words("Give the whole id: `evidence list CASE --json` has it.")
    with reading(ctx.engine) as conn:
        return only_one(evidence_ending_in(conn, op_id), op_id, missing=missing, where=where)


def is_here(ctx: ServerContext, item: EvidenceItem) -> bool:
    """Whether every file of a capture is in the store."""
    return all(ctx.blobs.has(sealed) for sealed, _plain in _files(item))


@retried
def open_evidence(ctx: ServerContext, stored: StoredEvidence, by: str) -> tuple[OpenedFile, ...]:
    """All files of a record; that they were opened is kept before they are handed out.

    InputError 400.49 without a name, 400.51 where no key opens a file; NotFoundError 404.6 where one
    is not here; ConflictError 409.75 where one is not what its record names.
    """
    who = by.strip()
    if not who:
        raise InputError(
            "400.49",
            words("A decision needs the name of who makes it."),
            words("Add --by NAME."),
        )
    opened = tuple(
        file
        for number, item in enumerate(stored.told.items, start=1)
        for file in _opened(ctx, stored.op_id, number, item)
    )
    detail = {"case": stored.case_id, "files": len(opened)}
    now, action = ctx.clock.now(), "evidence.opened"
    with writing(ctx.engine) as conn:
        record(conn, at=now, actor=who, action=action, subject=stored.op_id, detail=detail)
    return opened


def _opened(
    ctx: ServerContext, op_id: str, number: int, item: EvidenceItem
) -> Sequence[OpenedFile]:
    files = []
    for place, (sealed, plain) in enumerate(_files(item)):
        content = open_bytes(ctx.keys.seals, ctx.blobs.get(sealed))
        if hashlib.sha256(content).hexdigest() != plain:
            raise ConflictError(
                "409.75",
                words("File {number} is not what its record names.", number=number),
                words("Nothing was written. Keep the record and tell who looks after the server."),
            )
        stamped = "-stamped" if place else ""
        name = f"{_plain_tail(op_id)}-{number}-{item.kind.value}{stamped}.{_ending(content)}"
        files.append(OpenedFile(name, plain, content))
    return files


def _files(item: EvidenceItem) -> list[tuple[str, str]]:
    """The sealed file and the hash of what it holds: the original, then its stamped copy."""
    files = [(item.sha256, item.plain_sha256)]
    if item.copy_sha256 is not None and item.copy_plain_sha256 is not None:
        files.append((item.copy_sha256, item.copy_plain_sha256))
    return files


def _plain_tail(op_id: str) -> str:
    """The end of an id, with nothing in it that could lead out of a folder."""
    return "".join(one for one in op_id if one.isascii() and one.isalnum())[-_TAIL:]


def _ending(content: bytes) -> str:
    return _ENDINGS.get(media_type_of(content[:_HEAD_BYTES]) or "", "bin")
