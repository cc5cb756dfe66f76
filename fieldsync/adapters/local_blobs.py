"""A folder of files named by their SHA-256: written aside, synced, then renamed into place."""

import hashlib
import os
import tempfile
from pathlib import Path

from fieldsync.errors import NotFoundError
from fieldsync.words import words


class LocalBlobs:
    """The BlobStore port over a folder; names are spread over 256 subfolders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep the content durably and return its SHA-256 in hex."""
        name = hashlib.sha256(content).hexdigest()
        target = self.path(name)
        if target.exists():
            return name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return name

    def get(self, sha256: str) -> bytes:
        """The content; NotFoundError 404.6 if it is not here."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(
                "404.6", words("File {sha256} is not here.", sha256=sha256[:12])
            ) from error

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""
        return self.path(sha256).exists()

    def path(self, sha256: str) -> Path:
        """Where the content lies, for programs that want a file name."""
        return self._folder / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    """Make the rename durable where the system can (Windows cannot open a folder)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
