"""Reads a sound sync request in one pass; of anything else it says nothing, and the schema is asked.

The schema (`schemas.sync`) names each wrong field, at thirty times the cost. Whatever is read here
is what the schema would make of it; a test holds the two together.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from fieldsync.schemas.fields import BASE64URL_SIGNATURE, NAME_MAX
from fieldsync.schemas.sync import (
    CURSOR_MAX,
    RECEIPT_MAX,
    SEALED_MAX,
    SEALED_MIN,
    SEALED_TEXT,
    URGENT_MAX,
)
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    BATCH_OPERATIONS_MAX,
    PAGE_BYTES,
    PAGE_BYTES_LEAST,
    SignedReceipt,
    SyncRequest,
)
from fieldsync.sync.operation import PushedOperation, SealedOperation, SignedOperation

# Plain names only: an id with spaces or signs in it is left to the schema.
_Name = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9._-]{{1,{NAME_MAX}}}\Z")]
_Signature = Annotated[str, Meta(pattern=BASE64URL_SIGNATURE + r"\Z")]
_Sealed = Annotated[
    str, Meta(min_length=SEALED_MIN, max_length=SEALED_MAX, pattern=SEALED_TEXT + r"\Z")
]


class _Operation(Struct, forbid_unknown_fields=True):
    sig: _Signature
    body: Annotated[str, Meta(min_length=2, max_length=BATCH_BYTES_MAX)] | UnsetType = UNSET
    sealed: _Sealed | UnsetType = UNSET


class _Receipt(Struct, forbid_unknown_fields=True):
    body: Annotated[str, Meta(min_length=2, max_length=RECEIPT_MAX)]
    sig: _Signature


class _Request(Struct, forbid_unknown_fields=True):
    device_id: _Name
    cursor: Annotated[str, Meta(min_length=1, max_length=CURSOR_MAX)] | None
    operations: Annotated[list[_Operation], Meta(max_length=BATCH_OPERATIONS_MAX)]
    urgent: Annotated[list[_Operation], Meta(max_length=URGENT_MAX)] = []
    receipt: _Receipt | None = None
    page_bytes: Annotated[int, Meta(ge=PAGE_BYTES_LEAST, le=PAGE_BYTES)] | None = None


_decoder = msgspec.json.Decoder(_Request)


def quick_sync_request(content: bytes) -> SyncRequest | None:
    """The request in the JSON text, or None where it is not plainly sound."""
    try:
        read = _decoder.decode(content)
        operations = tuple(_pushed(one) for one in read.operations)
        urgent = tuple(_pushed(one) for one in read.urgent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return SyncRequest(
        device_id=read.device_id,
        cursor=read.cursor,
        operations=operations,
        urgent=urgent,
        receipt=SignedReceipt(read.receipt.body, read.receipt.sig) if read.receipt else None,
        page_bytes=read.page_bytes,
    )


def _pushed(read: _Operation) -> PushedOperation:
    """msgspec.DecodeError where it has neither body nor seal, or both."""
    if isinstance(read.body, str) and read.sealed is UNSET:
        return SignedOperation(read.body, read.sig)
    if isinstance(read.sealed, str) and read.body is UNSET:
        return SealedOperation(read.sealed, read.sig)
    raise msgspec.DecodeError
