"""The files beside the database, each sealed under its own name: signatures, documents and the device's keys."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from agent_cli.vault.device_keys import is_sealed, new_nonce
from agent_cli.vault.held_keys import needed
from fieldsync.adapters.local_blobs import LocalBlobs
from fieldsync.errors import NotFoundError

FILES_FOLDER = "files"


def sealed(home: Path, content: bytes, name: str) -> bytes:
    """As it lies on the disk: sealed, but for a device that an older program left unencrypted.

    LocalCopyError 602.70 where the device is locked.
    """
    keys = needed(home)
    return content if keys is None else keys.seal(content, name, new_nonce())


def opened(home: Path, content: bytes, name: str) -> bytes:
    """What a file holds; ValueError where it was changed. What is still plain is given as it is."""
    keys = needed(home)
    return content if keys is None or not is_sealed(content) else keys.unseal(content, name)


class KeptFiles(LocalBlobs):
    """The BlobStore port over the device's files, by the SHA-256 of what they hold."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / FILES_FOLDER)
        self._home = home

    def get(self, sha256: str) -> bytes:
        """The content; NotFoundError 404.6 if it is not here, or no longer what was recorded."""
        try:
            return opened(self._home, super().get(sha256), _name(sha256))
        except ValueError as error:
            raise self.missing(sha256) from error

    def whole(self, sha256: str) -> bytes | None:
        """The content if it is here and still what was recorded."""
        try:
            content = self.get(sha256)
        except (NotFoundError, OSError):
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def _write(self, sha256: str, pieces: Iterable[bytes]) -> None:
        super()._write(sha256, (sealed(self._home, b"".join(pieces), _name(sha256)),))


def _name(sha256: str) -> str:
    return f"{FILES_FOLDER}/{sha256}"
