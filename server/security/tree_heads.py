"""Signed heads of the audit log's tree: made, published to a file, and read back.

A head says how many lines the log had at a time and the root over them. Kept elsewhere, it makes every
later change of these lines show. The file holds one JSON object a line; lines are only ever added.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from fieldsync.domain import base64url
from fieldsync.domain.codec import to_json
from server.security.text_keys import public_key, public_text, sign_text
from server.store.audit_tree import load_tree
from server.store.engine import reading

_TAG = b"fieldsync audit head v1\n"
_TAIL_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The log's size and root (hex) at a time (RFC 3339), signed; `key` is the public key as text."""

    size: int
    root: str
    at: str
    key: str
    sig: str = ""

    def text(self) -> str:
        """What is signed: everything but the signature."""
        facts = asdict(self)
        del facts["sig"]
        return to_json(facts)

    @property
    def is_genuine(self) -> bool:
        """Whether the key that it names signed it."""
        try:
            key = public_key(self.key)
            key.verify(base64url.decode(self.sig), _TAG + self.text().encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def sign_head(key: Ed25519PrivateKey, size: int, root: bytes, at: datetime) -> TreeHead:
    """The signed head of a tree."""
    head = TreeHead(size, root.hex(), at.isoformat(), public_text(key))
    return TreeHead(head.size, head.root, head.at, head.key, sign_text(key, _TAG, head.text()))


def present_head(engine: Engine, key: Ed25519PrivateKey, at: datetime) -> TreeHead:
    """The signed head of the log as it stands."""
    with reading(engine) as conn:
        tree = load_tree(conn)
    return sign_head(key, tree.frontier.size, tree.frontier.root, at)


def publish_head(engine: Engine, key: Ed25519PrivateKey, path: Path, at: datetime) -> TreeHead:
    """Add the present head to the file, unless the last one there has it; the head.

    OSError where the file cannot be written.
    """
    head = present_head(engine, key, at)
    last = last_head(path)
    if last is None or (last.size, last.root, last.key) != (head.size, head.root, head.key):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One write of one line: others may be adding theirs.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab", buffering=0) as file:
            file.write(f"{to_json(asdict(head))}\n".encode())
            os.fsync(file.fileno())
    return head


def last_head(path: Path) -> TreeHead | None:
    """The last head of the file; None where there is none."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        lines = file.read().splitlines()
    return head_of(lines[-1].decode(errors="replace")) if lines else None


def heads_in(path: Path) -> Iterator[TreeHead | None]:
    """Every head of the file in order; None for a line that is none."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.strip():
                yield head_of(line)


def head_of(text: str) -> TreeHead | None:
    """The head in a line of JSON; None where there is none."""
    try:
        facts = json.loads(text)
        head = TreeHead(**facts)
        bytes.fromhex(head.root)
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (head.at, head.key, head.sig)
    return head if type(head.size) is int and all(isinstance(t, str) for t in texts) else None
