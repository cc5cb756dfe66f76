"""Rescue files as a device's program writes them, made from a test device's journal."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from fieldsync.schemas.rescue import RESCUE_FORMAT
from fieldsync.sync.operation import SignedOperation, chain_hash
from tests.server.field_device import FieldDevice


def record_of(signed: SignedOperation) -> dict[str, Any]:
    """One record as the file holds it."""
    body = json.loads(signed.body)
    return {
        "seq": body["seq"],
        "op_id": body["op_id"],
        "kind": body["kind"],
        "body": signed.body,
        "sig": signed.sig,
        "hash": chain_hash(body["prev_hash"], signed.body),
        "intact": True,
    }


def file_of(content: bytes) -> dict[str, str]:
    """One attached file as the rescue file holds it."""
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "type": "image/png",
        "content": base64.b64encode(content).decode(),
    }


def rescued(device: FieldDevice, *contents: bytes, unreadable: int = 0) -> dict[str, Any]:
    """Everything that the device recorded, and its files."""
    return {
        "format": RESCUE_FORMAT,
        "device_id": device.device_id,
        "records": [record_of(signed) for signed in device.journal],
        "files": [file_of(content) for content in contents],
        "unreadable": unreadable,
    }


def write(path: Path, content: object) -> Path:
    """The file on the disk."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
    return path
