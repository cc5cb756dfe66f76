"""A folder of files named by their SHA-256: written aside, synced, then renamed into place."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fieldsync.adapters.durable import sync_folder, write_whole
from fieldsync.adapters.whole_content import checked
from fieldsync.errors import NotFoundError
from fieldsync.words import words


class LocalBlobs:
    """The BlobStore port over a folder; names are spread over 256 subfolders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep the content durably and return its SHA-256 in hex."""
        name = hashlib.sha256(content).hexdigest()
        self._write(name, (content,))
        return name

    def put_pieces(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Keep content that comes in pieces; InputError 422.61 where its name stands for another."""
        self._write(sha256, checked(sha256, pieces))

    def get(self, sha256: str) -> bytes:
        """The content; NotFoundError 404.6 if it is not here."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise self.missing(sha256) from error

    def missing(self, sha256: str) -> NotFoundError:
        """What is said where it is not here."""
        return NotFoundError("404.6", words("File {sha256} is not here.", sha256=sha256[:12]))

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""
        return self.path(sha256).exists()

    def drop(self, sha256: str) -> None:
        """Delete the content for good; nothing where it is not here."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the content lies, for programs that want a file name."""
        return self._folder / sha256[:2] / sha256

    def _write(self, sha256: str, pieces: Iterable[bytes]) -> None:
        target = self.path(sha256)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(self._folder)
        write_whole(target, pieces)
