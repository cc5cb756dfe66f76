"""Sends one file by tus 1.0: asks how much the server has, and sends the rest chunk by chunk."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from agent_cli.actions.portions import Portions
from agent_cli.answers import not_ours
from agent_cli.remote import Remote
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.sync.files import CHUNK_TYPE, TUS_HEADER, TUS_VERSION

_ROOT = "/api/v1/files"
_NUMBER = re.compile(r"[0-9]{1,15}")
_NO_SUCH_ADDRESS = "404.40"
_STANDS_ELSEWHERE = "409.57"
_NOT_BEGUN = "404.48"
# Another copy of this program may be sending the same file; more often than this it is no coincidence.
_TIMES_ELSEWHERE_MAX = 5


@dataclass(frozen=True, slots=True)
class Tus:
    """The files' side of a server; nothing larger than a chunk is in memory."""

    remote: Remote
    portions: Portions

    def send(self, file: BinaryIO, sha256: str) -> bool:
        """Send what the server lacks of a file; False where the server knows no tus (protocol 1)."""
        size = file.seek(0, os.SEEK_END)
        try:
            offset = self._begin(sha256, size)
        except NotFoundError as error:
            if error.code != _NO_SUCH_ADDRESS:
                raise
            return False
        elsewhere = 0
        while offset < size:
            file.seek(offset)
            chunk = file.read(min(self.portions.size, size - offset))
            try:
                offset = self._append(sha256, offset, chunk)
            except (ConflictError, NotFoundError) as error:
                elsewhere += 1
                known = error.code in {_STANDS_ELSEWHERE, _NOT_BEGUN}
                if not known or elsewhere > _TIMES_ELSEWHERE_MAX:
                    raise
                offset = self._begin(sha256, size)
        return True

    def _begin(self, sha256: str, size: int) -> int:
        """How much of the file the server has; asking again is safe and prolongs its patience."""
        name = base64.b64encode(sha256.encode()).decode()
        headers = {"Upload-Length": str(size), "Upload-Metadata": f"sha256 {name}"}
        return self._offset(self._ask("POST", _ROOT, b"", headers), 0, size)

    def _append(self, sha256: str, offset: int, chunk: bytes) -> int:
        """Send a chunk and return where the server stands then: one chunk further."""
        digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        headers = {
            "Content-Type": CHUNK_TYPE,
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {digest}",
        }
        with self.portions.sending(len(chunk)):
            told = self._ask("PATCH", f"{_ROOT}/{sha256}", chunk, headers)
        end = offset + len(chunk)
        return self._offset(told, end, end)

    def _ask(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> Mapping[str, str]:
        return self.remote.ask(method, path, content, {**headers, TUS_HEADER: TUS_VERSION})

    def _offset(self, told: Mapping[str, str], least: int, most: int) -> int:
        """The offset that was answered; UnreachableError 601.4 where no server of ours answers so."""
        offset = told.get("Upload-Offset", "")
        number = int(offset) if _NUMBER.fullmatch(offset) else -1
        if TUS_HEADER not in told or not least <= number <= most:
            raise not_ours(self.remote.url)
        return number
