"""Keeps files that are not whole yet: each chunk is a file of its own, there whole or not at all.

What is told to have arrived is therefore always on the disk, whenever the power fails; nothing is
ever appended to, so nothing can be torn.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from fieldsync.adapters.durable import sync_folder, write_whole
from server.store.file_locks import locked

_FACTS = "facts.json"
_CHUNK = re.compile(r"(\d{10})-(\d{1,10})")
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Partial:
    """What has arrived: `offset` of `size` bytes, in `chunks` pieces, kept until `expires_at`."""

    size: int
    offset: int
    chunks: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PartialFile:
    """One officer's upload of one file."""

    folder: Path
    locks: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else changes this upload meanwhile."""
        with locked(self.locks, self.folder.name):
            yield

    def begin(self, size: int, expires_at: datetime) -> None:
        """Make room for chunks, or give those that are here more time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        facts = {"size": size, "expires_at": expires_at.isoformat()}
        write_whole(self.folder / _FACTS, (json.dumps(facts).encode(),))
        for made in self.folder.parents[:2]:
            sync_folder(made)

    def look(self) -> Partial | None:
        """What has arrived, or None where no upload was begun."""
        try:
            facts = json.loads((self.folder / _FACTS).read_bytes())
        except FileNotFoundError:
            return None
        chunks = self._chunks()
        offset = sum(length for _start, length in chunks)
        until = datetime.fromisoformat(facts["expires_at"])
        return Partial(int(facts["size"]), offset, len(chunks), until)

    @contextmanager
    def aside(self) -> Iterator[BinaryIO]:
        """A file to receive a chunk in; gone afterwards, unless it was `add`ed."""
        path = self.folder / f".new-{secrets.token_hex(8)}"
        try:
            with path.open("xb") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def add(self, received: BinaryIO, offset: int, length: int) -> None:
        """Take a received chunk, synced before it counts; call it inside `held`."""
        received.flush()
        os.fsync(received.fileno())
        Path(received.name).rename(self.folder / f"{offset:010}-{length}")
        sync_folder(self.folder)

    def pieces(self) -> Iterator[bytes]:
        """The content that has arrived, in order, a little at a time."""
        for start, length in self._chunks():
            with (self.folder / f"{start:010}-{length}").open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece

    def drop(self) -> None:
        """Forget it; the folder leaves its name first, so that it is never half there."""
        gone = self.folder.with_name(f".gone-{secrets.token_hex(8)}")
        try:
            self.folder.rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def _chunks(self) -> list[tuple[int, int]]:
        """(start, length) of the chunks that follow each other from the beginning."""
        found = sorted(
            (int(match[1]), int(match[2]))
            for path in self.folder.iterdir()
            if (match := _CHUNK.fullmatch(path.name))
        )
        in_order, end = [], 0
        for start, length in found:
            if start == end:
                in_order.append((start, length))
                end += length
        return in_order


def partial_of(root: Path, owner: str, sha256: str) -> PartialFile:
    """An owner's upload of the file; two owners of one file never meet."""
    name = hashlib.sha256(f"{owner}\n{sha256}".encode()).hexdigest()
    return PartialFile(root / name[:2] / name, root / "locks")


def expired(root: Path, now: datetime, shard: str = "*") -> int:
    """Drop uploads whose time is over, in one of the 256 subfolders or in all; how many there were."""
    count = 0
    for folder in root.glob(f"{shard}/*"):
        upload = PartialFile(folder, root / "locks")
        if folder.name.startswith(".gone-"):
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.is_dir():
            with upload.held():
                found = upload.look()
                if found is None or found.expires_at < now:
                    upload.drop()
                    count += 1
    return count
