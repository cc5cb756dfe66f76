"""Harnesses of the server: case books, bodies and headers of requests, rescue files, settings, passkeys, heads."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import openpyxl
from flask import Flask
from nacl.public import PrivateKey, SealedBox

from fieldsync.domain import base64url
from fieldsync.domain.officer import Officer
from fieldsync.schemas.case_import import Source, read_cases, read_contacts, read_payments
from fieldsync.schemas.certificates import CertificateRequestSchema
from fieldsync.schemas.enrolment import EnrolRequestSchema
from fieldsync.schemas.notice_answers import read_answers
from fieldsync.schemas.rescue import read_file, read_record, read_rescue
from fieldsync.schemas.staff_import import read_staff
from fieldsync.schemas.sync import QuarantineRequestSchema, RepairRequestSchema, SyncRequestSchema
from fieldsync.schemas.sync_quick import quick_sync_request
from fieldsync.sync.chain import Head
from fieldsync.sync.operation import SignedOperation
from server.api import tus_headers
from server.api.reading import json_body, raw_body
from server.commands.typed_shift import typed_shift
from server.commands.typed_window import typed_window
from server.config import CONFIG_NAME, load_config
from server.security.passkeys import Site, check_new, credential_of
from server.security.sealing import open_bytes
from server.security.text_keys import public_key
from server.security.tree_heads import heads_in
from server.store.devices import Device
from server.workflow.book_files import load_mapping, open_book
from server.workflow.read_operation import read_log
from server.workflow.tabular import open_tables
from tests.fakes import FixedClock
from tests.fuzz.harness import Harness, folder, in_file, text_of, typed
from tests.server.field_device import FieldDevice

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_LIMIT_BYTES = 1 << 20
_SITE = Site("office.example", "https://office.example")
_APP = Flask("fuzz")
_BODIES = (
    (SyncRequestSchema(), quick_sync_request),
    (QuarantineRequestSchema(), None),
    (RepairRequestSchema(), None),
    (EnrolRequestSchema(), None),
    (CertificateRequestSchema(), None),
)


def _request(content: bytes) -> None:
    """A body of the API: the first byte says which, and whether it comes packed."""
    head, raw = content[:1] or b"\0", content[1:]
    schema, quick = _BODIES[head[0] % len(_BODIES)]
    coding = "gzip" if head[0] & 0x80 else "identity"
    with _APP.test_request_context(
        "/",
        method="POST",
        data=raw,
        content_type="application/json",
        headers={"Content-Encoding": coding},
    ):
        json_body(raw_body(_LIMIT_BYTES), schema, _LIMIT_BYTES, quick)


def _requests() -> Iterator[bytes]:
    operation = {"body": '{"v": 1}', "sig": "A" * 86}
    sound = (
        {"device_id": "d", "cursor": None, "operations": [operation]},
        {"device_id": "d", "operations": [operation]},
        {"device_id": "d", "buckets": []},
        {
            "code": "7KQM-2D9X-PVRA",
            "device_id": "d",
            "device_name": "n",
            "request_key": "A" * 43,
            "operation_key": "A" * 43,
        },
        {"device_id": "d", "document_key": "A" * 44},
    )
    for place, one in enumerate(sound):
        raw = json.dumps(one).encode()
        yield bytes([place]) + raw
        # 0x80 and five kinds of bodies: 130 is the first that is packed and stands for the first kind.
        yield bytes([130 + place]) + gzip.compress(raw, mtime=0)


_TUS: tuple[Callable[[bytes], object], ...] = (
    lambda _content: tus_headers.check_version(),
    lambda _content: tus_headers.number_in("Upload-Length"),
    lambda _content: tus_headers.named_sha256(),
    lambda _content: tus_headers.checksum(),
)


def _tus(content: bytes) -> None:
    """Four headers of an upload, a line each."""
    names = ("Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Checksum")
    values = content.decode("latin-1").split("\n")
    told = {n: v.replace("\r", "") for n, v in zip(names, values, strict=False)}
    with _APP.test_request_context("/", method="POST", headers=told):
        for read in _TUS:
            Harness(read, _nothing).held_to(b"")


def _nothing() -> Iterator[bytes]:
    return iter(())


def _books() -> Iterator[bytes]:
    for name in ("shenzhen/cases.csv", "shenzhen/contacts.csv", "shenzhen/payments.csv"):
        path = _FIXTURES / name
        if path.is_file():
            yield b"\n".join(path.read_bytes().split(b"\n")[:4])
    yield _workbook()


@cache
def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["case_id", "branch", "name"])
    sheet.append(["C-1", "SZ", "=A1"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _case_book(content: bytes) -> None:
    """Everything that an import reads of a file, as it reads it."""
    path = in_file("book.bin", content)
    readers = {"cases": read_cases, "contacts": read_contacts, "payments": read_payments}
    for table in open_book([path], {}):
        for chunk in table.chunks():
            readers[table.kind.value](chunk, table.layout, table.source)


def _table(content: bytes) -> None:
    """What an import of staff or of answers to notices reads of a file."""
    for tabular in open_tables(in_file("table.bin", content)):
        rows = list(tabular.rows())
        read_staff(rows, tabular.header, Source("f", None))
        read_answers(rows, tabular.header, Source("f", None))


def _tables() -> Iterator[bytes]:
    for header in (("first", "second"), ("notice_id", "answer", "at", "phone"), ("a;b", "'=c")):
        target = io.StringIO()
        csv.writer(target).writerows([header, ["O-1", "O-2", "2026-11-24T09:00:00+08:00", "1"]])
        yield target.getvalue().encode()
    yield _workbook()


def _rescue(content: bytes) -> None:
    found = read_rescue(content, "rescue.json")
    for record in found.records:
        read_record(record)
    for file in found.files:
        read_file(file)


def _rescues() -> Iterator[bytes]:
    path = _FIXTURES / "formats"
    for file in sorted(path.glob("*rescue*")):
        yield file.read_bytes()[:4000]
    record = {"seq": 1, "body": "{}", "sig": "A" * 86, "hash": "0" * 64}
    yield json.dumps(
        {
            "format": "fieldsync-rescue-1",
            "records": [record],
            "files": [{"sha256": "0" * 64, "content": "AAAA"}],
        }
    ).encode()


_OFFICER = Officer("O-1", "Ana", "SZ")
_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@cache
def _device() -> FieldDevice:
    """A device with some records; it never sends anything."""
    device = FieldDevice(_APP.test_client(), FixedClock(_AT), "fuzz")
    for number in range(3):
        payload = {"visit_id": "v", "text": f"note {number}"}
        device.record("visit.note", "C-1", payload)
    return device


def _log(content: bytes) -> None:
    """Records as a device pushes them: body and signature, a line each."""
    made = _device()
    key = base64url.encode(made.operation_key.public_key().public_bytes_raw())
    device = Device(made.device_id, _OFFICER, "fuzz", key, key, Head(0, "0" * 64), _AT)
    lines = text_of(content).split("\n")
    pairs = zip(lines[::2], lines[1::2], strict=False)
    read_log(device, [SignedOperation(body, sig) for body, sig in pairs])


def _logs() -> Iterator[bytes]:
    yield "\n".join(part for one in _device().journal for part in (one.body, one.sig)).encode()


def _settings(content: bytes) -> None:
    in_file(CONFIG_NAME, content)
    load_config(str(folder()))


_SETTINGS = b"""rulesets = ["cn", "house"]
lease_days = 7
[lender]
name = "Bank"
[office]
public_url = "https://office.example"
[notices]
[roads]
[planning]
[mandate]
"""


def _typed(content: bytes) -> None:
    text = typed(content)
    Harness(lambda _content: typed_shift(text), _nothing).held_to(b"")
    typed_window(text, "Asia/Shanghai")


def _passkey(content: bytes) -> None:
    text = text_of(content)
    Harness(lambda _content: credential_of(text), _nothing).held_to(b"")
    check_new(_SITE, text, b"c" * 32)


def _passkeys() -> Iterator[bytes]:
    client = base64url.encode(
        json.dumps(
            {
                "type": "webauthn.create",
                "challenge": base64url.encode(b"c" * 32),
                "origin": _SITE.origin,
            }
        ).encode()
    )
    answer = {"clientDataJSON": client, "attestationObject": base64url.encode(b"\xa3cfmt\x64none")}
    sign_in = {"clientDataJSON": client, "authenticatorData": "AAAA", "signature": "AAAA"}
    for response in (answer, sign_in):
        yield json.dumps(
            {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}
        ).encode()


_SEAL = PrivateKey(b"s" * 32)

SERVER: Mapping[str, Harness] = {
    "body-of-a-request": Harness(_request, _requests),
    "headers-of-an-upload": Harness(
        _tus, lambda: iter([b"1.0.0\n12\nsha256 " + b"YWFh" * 21 + b"YQ==\nsha256 AAAA"])
    ),
    "case-book": Harness(_case_book, _books),
    "staff-and-answers": Harness(_table, _tables),
    "mapping-of-columns": Harness(
        lambda content: load_mapping(in_file("mapping.toml", content)),
        lambda: iter([b'[cases.columns]\ncase_id = "No."\n']),
    ),
    "rescue-file": Harness(_rescue, _rescues),
    "records-of-a-push": Harness(_log, _logs),
    "settings-of-a-server": Harness(_settings, lambda: iter([_SETTINGS])),
    "sealed-to-the-server": Harness(
        lambda content: open_bytes([_SEAL], content),
        lambda: iter([SealedBox(_SEAL.public_key).encrypt(b"{}")]),
    ),
    "public-key": Harness(
        lambda content: public_key(text_of(content)), lambda: iter([b"A" * 43]), (ValueError,)
    ),
    "passkey": Harness(_passkey, _passkeys),
    "published-heads": Harness(
        lambda content: list(heads_in(in_file("heads.jsonl", content))),
        lambda: iter([b'{"size": 1, "root": "00", "at": "x", "key": "k", "sig": "s"}\n']),
    ),
    "what-the-office-types": Harness(
        _typed, lambda: iter([b"2026-11-26 15:00-17:00", b"09:00-18:00"])
    ),
}
