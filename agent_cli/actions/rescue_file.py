"""The rescue file: records exactly as they were signed, with the files they name, for the office to import.

Body, hash and signature travel together, so that each record can be verified on its own. Written
piece by piece, since a day's photographs need not fit into memory together.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from agent_cli.context import SEALED_FOLDER
from agent_cli.vault.kept_files import KeptFiles
from fieldsync.adapters.durable import write_whole
from fieldsync.errors import InputError
from fieldsync.schemas.rescue import RESCUE_FORMAT
from fieldsync.sync.operation import AttachmentRef, Operation, decode_body
from fieldsync.words import words

Record = Mapping[str, Any]
COLUMNS = (
    "seq",
    "op_id",
    "kind",
    "case_id",
    "recorded_at",
    "state",
    "body",
    "hash",
    "sig",
    "sealed",
)


@dataclass(slots=True)
class Written:
    """How much a rescue file holds; `lost` counts files that records name and this device no longer has."""

    records: int = 0
    files: int = 0
    lost: int = 0
    unreadable: int = 0


def check_free(path: Path, *, force: bool = False) -> None:
    """InputError 600.18 where the file is there already."""
    if path.exists() and not force:
        raise InputError(
            "600.18",
            words("{path} is there already.", path=str(path)),
            words("Choose another name; nothing was written."),
        )


def write_rescue(
    path: Path, device_id: str, records: Sequence[Record], home: Path, unreadable: int = 0
) -> Written:
    """Write the records and their files; the file is whole or it is not there."""
    written = Written(records=len(records), unreadable=unreadable)
    write_whole(path, _pieces(device_id, records, home, written))
    return written


def envelope(body: str) -> Operation | None:
    """The operation in a body; None where it can no longer be read, or has left the device."""
    try:
        return decode_body(body)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, TypeError):
        return None


def _pieces(
    device_id: str, records: Sequence[Record], home: Path, written: Written
) -> Iterator[bytes]:
    head = {"format": RESCUE_FORMAT, "device_id": device_id, "unreadable": written.unreadable}
    yield f"{_json(head)[:-1]},\n".encode()
    yield b'"records": [\n'
    yield from _listed(records)
    yield b'\n],\n"files": [\n'
    plain = _files(records, KeptFiles(home), written)
    yield from _listed(chain(plain, _sealed_files(records, home / SEALED_FOLDER, written)))
    yield b"\n]}\n"


def _listed(entries: Iterable[Record]) -> Iterator[bytes]:
    for number, entry in enumerate(entries):
        yield f"{',' if number else ''}\n{_json(entry)}".encode()


def _files(records: Sequence[Record], blobs: KeptFiles, written: Written) -> Iterator[Record]:
    for named in _attachments(records):
        content = blobs.whole(named.sha256)
        if content is None:
            written.lost += 1
            continue
        written.files += 1
        yield {
            "sha256": named.sha256,
            "type": named.type,
            "content": base64.b64encode(content).decode(),
        }


def _sealed_files(records: Sequence[Record], folder: Path, written: Written) -> Iterator[Record]:
    """All sealed copies where any record is sealed: which record names which file, only the server can read."""
    if not any(record.get("sealed") for record in records):
        return
    for path in sorted(folder.glob(f"*/{'?' * 64}")):
        written.files += 1
        yield {"sha256": path.name, "sealed": base64.b64encode(path.read_bytes()).decode()}


def _attachments(records: Sequence[Record]) -> tuple[AttachmentRef, ...]:
    found: dict[str, AttachmentRef] = {}
    for record in records:
        operation = envelope(record["body"])
        for named in operation.attachments if operation else ():
            found.setdefault(named.sha256, named)
    return tuple(found.values())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
