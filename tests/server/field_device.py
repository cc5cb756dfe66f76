"""A device as the server meets it: real keys, a real chain, real signed requests over a test client."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsync.adapters.request_signatures import sign_request
from fieldsync.domain.ids import new_id
from fieldsync.schemas.sync import SyncResponseSchema
from fieldsync.sync.chain import Head
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION, SyncResponse
from fieldsync.sync.operation import (
    AttachmentRef,
    ClockReading,
    Operation,
    SignedOperation,
    chain_hash,
    encode_body,
    genesis_hash,
    signing_input,
)
from tests.fakes import FixedClock, SeededRandomness


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(slots=True)
class FieldDevice:
    """One device; `journal` is what it recorded, `cursor` how far it has read."""

    client: FlaskClient
    clock: FixedClock
    name: str = "tablet"
    cursor: str | None = None
    journal: list[SignedOperation] = field(default_factory=list)
    server_key: str = ""
    randomness: SeededRandomness = field(init=False)
    device_id: str = field(init=False)
    request_key: Ed25519PrivateKey = field(init=False)
    operation_key: Ed25519PrivateKey = field(init=False)
    head: Head = field(init=False)

    def __post_init__(self) -> None:
        self.randomness = SeededRandomness(self.name)
        self.device_id = self.new_id()
        self.request_key = Ed25519PrivateKey.from_private_bytes(self.randomness.token(32))
        self.operation_key = Ed25519PrivateKey.from_private_bytes(self.randomness.token(32))
        self.head = Head(0, genesis_hash(self.device_id))

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id(int(self.clock.now().timestamp() * 1000), self.randomness.token(10))

    def enrolment(self, code: str) -> dict[str, Any]:
        """What this device asks with a code."""
        return {
            "code": code,
            "device_id": self.device_id,
            "device_name": self.name,
            "request_key": _b64(self.request_key.public_key().public_bytes_raw()),
            "operation_key": _b64(self.operation_key.public_key().public_bytes_raw()),
        }

    def enrol(self, code: str) -> TestResponse:
        """Ask to be enrolled."""
        answer = self.post("/api/v1/enrol", self.enrolment(code))
        if answer.status_code == 200:
            self.server_key = answer.get_json()["server_key"]
        return answer

    def record(
        self,
        kind: str,
        case_id: str | None,
        payload: dict[str, Any],
        *,
        at: datetime | None = None,
        depends_on: tuple[str, ...] = (),
        files: tuple[bytes, ...] = (),
    ) -> Operation:
        """Add an operation to the log."""
        operation = Operation(
            device_id=self.device_id,
            seq=self.head.seq + 1,
            prev_hash=self.head.hash,
            op_id=self.new_id(),
            kind=kind,
            case_id=case_id,
            occurred_at=at or self.clock.now(),
            clock=ClockReading(self.clock.monotonic_ms(), self.clock.boot_id()),
            payload=payload,
            depends_on=depends_on,
            attachments=tuple(
                AttachmentRef(hashlib.sha256(f).hexdigest(), len(f), "image/png") for f in files
            ),
        )
        self.journal.append(self.seal(operation))
        self.head = Head(operation.seq, chain_hash(self.head.hash, self.journal[-1].body))
        return operation

    def seal(self, operation: Operation) -> SignedOperation:
        """The exact body and its signature."""
        body = encode_body(operation)
        own_hash = chain_hash(operation.prev_hash, body)
        return SignedOperation(body, _b64(self.operation_key.sign(signing_input(own_hash))))

    def push(self, *operations: SignedOperation, cursor: str | None = None) -> TestResponse:
        """One exchange with exactly these operations."""
        return self.post(
            "/api/v1/sync",
            {
                "device_id": self.device_id,
                "cursor": cursor,
                "operations": [{"body": o.body, "sig": o.sig} for o in operations],
            },
        )

    def sync(self) -> SyncResponse:
        """Push the whole journal and pull what is new; the exchange must be answered."""
        answer = self.push(*self.journal, cursor=self.cursor)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        response: SyncResponse = SyncResponseSchema().load(answer.get_json())
        self.cursor = response.cursor
        return response

    def post(self, path: str, message: Any, **how: Any) -> TestResponse:
        """A signed POST of JSON."""
        return self.send("POST", path, json.dumps(message).encode(), **how)

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        content_type: str = "application/json",
        skew: timedelta = timedelta(0),
        nonce: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """A signed request; `extra` headers are not covered by the signature."""
        headers = {PROTOCOL_HEADER: str(PROTOCOL_VERSION), "Content-Type": content_type}
        headers |= extra or {}
        request = requests.Request(
            method, f"http://localhost{path}", data=content, headers=headers
        ).prepare()
        sign_request(
            request,
            self.device_id,
            self.request_key,
            self.clock.now() + skew,
            nonce or self.randomness.token(12).hex(),
        )
        return self.client.open(
            path, method=method, data=content, headers=dict(request.headers.items())
        )
