"""Keeps the files of a rescue file: only those that its own sound records name, and only whole."""

import hashlib
from collections.abc import Mapping, Sequence

from fieldsync.errors import InputError, NotFoundError
from fieldsync.schemas.fault import Fault
from fieldsync.schemas.rescue import EntryFault, RescuedFile, read_file
from fieldsync.words import Words, words
from server.context import ServerContext
from server.security.sealing import open_bytes
from server.store.devices import Device
from server.workflow.keep_file import keep_file
from server.workflow.rescue_report import Entry, Fate, RescueProblem, RescueReport

_NOT_KEPT = words("This file was not kept; the records are not touched by it.")


def keep_rescued_files(
    ctx: ServerContext,
    entries: Sequence[object],
    owners: Mapping[str, Device],
    report: RescueReport,
    *,
    dry_run: bool,
) -> None:
    """Keep each once, as an upload of the device that `owners` tells; one at a time in memory."""
    for number, raw in enumerate(entries, start=1):
        answer = _kept(ctx, raw, owners, dry_run=dry_run)
        if isinstance(answer, EntryFault):
            report.refuse(RescueProblem(Entry.FILE, number, answer.field, answer.fault))
        else:
            report.files[answer] += 1


def _kept(
    ctx: ServerContext, raw: object, owners: Mapping[str, Device], *, dry_run: bool
) -> Fate | EntryFault:
    found = read_file(raw)
    if isinstance(found, EntryFault):
        return found
    owner = owners.get(found.sha256)
    if owner is None:
        return _fault("sha256", "422.137", words("No sound record of the rescue file names it."))
    content = _content(ctx, found)
    if isinstance(content, EntryFault):
        return content
    if dry_run:
        return Fate.ALREADY_THERE if ctx.blobs.has(found.sha256) else Fate.STORED
    try:
        is_new = keep_file(ctx, owner, found.sha256, content)
    except (NotFoundError, InputError) as error:
        return _fault("sha256", error.code, error.message)
    return Fate.STORED if is_new else Fate.ALREADY_THERE


def _content(ctx: ServerContext, found: RescuedFile) -> bytes | EntryFault:
    """What the file's name stands for, opened where the device had only what it sealed to this server."""
    try:
        content = open_bytes(ctx.keys.seals, found.content) if found.is_sealed else found.content
    except InputError as error:
        return _fault("sealed", error.code, error.message)
    if hashlib.sha256(content).hexdigest() != found.sha256:
        told = words("The file's content is not the one its name stands for.")
        return _fault("content", "422.138", told)
    return content


def _fault(part: str, code: str, told: Words) -> EntryFault:
    return EntryFault(part, Fault(code, told, _NOT_KEPT))
