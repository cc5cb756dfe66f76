"""Harnesses of the shared core: packs, bodies of records, seals, codes, signatures, pictures, case books' cells."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache

import msgspec
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from fieldsync.adapters.builtin_rulesets import pack_text
from fieldsync.adapters.document_certificates import pem_of, read_certificate
from fieldsync.adapters.document_certificates import public_key as document_key
from fieldsync.adapters.pack_files import pack_named
from fieldsync.adapters.pdf_verify import check_document
from fieldsync.adapters.request_signatures import (
    ReceivedRequest,
    sign_request,
    signed_sha256,
    verify_request,
)
from fieldsync.adapters.stamped_copy import stamped_copy
from fieldsync.agreements.mandate import HOUSE_MANDATE, mandate_text, read_mandate
from fieldsync.agreements.seal import facts_text, read_facts
from fieldsync.agreements.signature import media_type_of as drawing_type_of
from fieldsync.agreements.template_fields import require_fields
from fieldsync.agreements.verification import code_of, read_code
from fieldsync.conduct.ruleset import parse_ruleset
from fieldsync.domain import base64url
from fieldsync.domain.media import media_type_of
from fieldsync.schemas.enrolment import normal_code
from fieldsync.schemas.payloads import payload_fault
from fieldsync.schemas.rule_facts import read_question
from fieldsync.schemas.spreadsheet import guarded, unguarded
from fieldsync.sync.cursor import Cursor, open_cursor, seal_cursor
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import ClockReading, Operation, decode_body, encode_body
from tests.agreements.paper import SVG_DRAWING
from tests.agreements.sealed_paper import office_sealed, said, sealers
from tests.fuzz.harness import Harness, in_file, text_of, typed

_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
_NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_MAC_KEY = b"m" * 32
_CURSOR = Cursor("epoch", "O-1", 7)
_KINDS = tuple(OperationKind)
_HEADERS = ("Signature-Input", "Signature", "Content-Digest", "Content-Length")


def _request(content: bytes) -> None:
    """The first lines are the headers of a signature, the rest is the body."""
    lines = content.split(b"\n", len(_HEADERS))
    values = [line.decode("latin-1") for line in lines[: len(_HEADERS)]]
    headers = dict(zip(_HEADERS, values, strict=False))
    request = ReceivedRequest("POST", "http://x.invalid/api/v1/sync", headers)
    body = lines[len(_HEADERS)] if len(lines) > len(_HEADERS) else None
    signed_sha256(verify_request(request, body, lambda _device: _KEY.public_key()))


def _signed() -> Iterator[bytes]:
    request = requests.Request("POST", "http://x.invalid/api/v1/sync", data=b"{}").prepare()
    sign_request(request, "device-1", _KEY, _NOW, "0123456789abcdef")
    heads = [str(request.headers.get(name, "")) for name in _HEADERS]
    yield "\n".join([*heads, "{}"]).encode()


def _payload(content: bytes) -> str | None:
    """The first byte chooses the kind of record."""
    data = msgspec.json.decode(content[1:])
    if not isinstance(data, Mapping):
        return None
    return payload_fault(_KINDS[content[0] % len(_KINDS)], data)


def _payloads() -> Iterator[bytes]:
    sound = (
        {"visit_id": "v", "text": "a note"},
        {"visit_id": "v", "address_id": "home", "officers": ["o"], "packs": {}},
        {"visit_id": "v", "outcome": "MET_DEBTOR", "identity_shown": True, "promise": None},
    )
    for place in range(len(_KINDS)):
        for one in sound:
            yield bytes([place]) + json.dumps(one).encode()


def _bodies() -> Iterator[bytes]:
    for kind in ("visit.note", "agreement.sign"):
        yield encode_body(
            Operation(
                device_id="d",
                seq=1,
                prev_hash="0" * 64,
                op_id="o",
                kind=kind,
                case_id="C-1",
                occurred_at=_NOW,
                clock=ClockReading(1, "boot"),
                payload={"visit_id": "v", "text": "a note"},
            )
        ).encode()


def _cell(content: bytes) -> None:
    assert not guarded(text_of(content)).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    unguarded(text_of(content))


@cache
def _pictures() -> tuple[bytes, ...]:
    made = []
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"):
        target = io.BytesIO()
        Image.new("RGB", (9, 7), "green").save(target, kind)
        made.append(target.getvalue())
    return tuple(made)


def _cursor(content: bytes) -> None:
    opened = open_cursor(text_of(content), _MAC_KEY)
    assert opened is None or opened == _CURSOR


def _cursors() -> tuple[str, ...]:
    return (seal_cursor(_CURSOR, _MAC_KEY),)


SHARED: Mapping[str, Harness] = {
    "rule-pack": Harness(
        lambda content: parse_ruleset(text_of(content)),
        lambda: (pack_text(name).encode() for name in ("cn", "house")),
    ),
    "rule-pack-file": Harness(
        lambda content: pack_named(str(in_file("pack.toml", content))),
        lambda: iter([pack_text("cn").encode()]),
    ),
    "rule-question": Harness(
        lambda content: read_question(text_of(content)),
        lambda: iter([b'{"case": {}, "history": []}']),
    ),
    "record-body": Harness(decode_body, _bodies, (msgspec.DecodeError, RecursionError)),
    "record-payload": Harness(
        _payload, _payloads, (msgspec.DecodeError, UnicodeDecodeError, RecursionError, IndexError)
    ),
    "request-signature": Harness(_request, _signed),
    "cursor": Harness(_cursor, lambda: (text.encode() for text in _cursors())),
    "verification-code": Harness(
        lambda content: read_code(typed(content)), lambda: iter([code_of(bytes(11)).encode()])
    ),
    "enrolment-code": Harness(
        lambda content: normal_code(typed(content)), lambda: iter([b"7KQM-2D9X-PVRA"])
    ),
    "base64url": Harness(
        lambda content: base64url.decode(text_of(content)), lambda: iter([b"AAAA"]), (ValueError,)
    ),
    "document-key": Harness(
        lambda content: document_key(text_of(content)), lambda: iter([b"A" * 44]), (ValueError,)
    ),
    "certificate": Harness(
        lambda content: read_certificate(text_of(content)),
        lambda: iter([pem_of(sealers().root.certificate).encode()]),
        (ValueError,),
    ),
    "facts-of-a-seal": Harness(
        lambda content: read_facts(text_of(content)),
        lambda: iter([facts_text(said()).encode()]),
        (msgspec.DecodeError, UnicodeError, RecursionError),
    ),
    "mandate": Harness(
        lambda content: read_mandate(text_of(content)),
        lambda: iter([mandate_text(HOUSE_MANDATE).encode()]),
        (msgspec.DecodeError, UnicodeError, RecursionError),
    ),
    "agreement-template": Harness(
        lambda content: require_fields(text_of(content), "template"),
        lambda: iter([b"#let data = json(bytes(sys.inputs.data)) // data.title /* */"]),
    ),
    "sealed-document": Harness(
        lambda content: check_document(content, [sealers().root.certificate]),
        lambda: iter([office_sealed()]),
    ),
    "drawn-signature": Harness(
        drawing_type_of,
        lambda: iter([SVG_DRAWING, _pictures()[1]]),
    ),
    "kind-of-a-file": Harness(media_type_of, lambda: iter(_pictures())),
    "photo": Harness(lambda content: stamped_copy(content, "stamp"), lambda: iter(_pictures())),
    "spreadsheet-cell": Harness(_cell, lambda: iter([b"=A1", b"'x", b"plain"])),
}
