"""The server as an exchange speaks with it: our messages out, our values back, in the newest common protocol."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError

from agent_cli.answers import not_ours
from agent_cli.config import sound_value
from agent_cli.context import DeviceContext
from agent_cli.keys import REQUEST_KEY, load_key
from agent_cli.protocols import in_common
from agent_cli.remote import Remote
from agent_cli.store import meta
from agent_cli.store.database import writing
from fieldsync.errors import ConflictError, NotFoundError, ProtocolMismatchError
from fieldsync.schemas.sync import (
    QuarantineRequestSchema,
    QuarantineResponseSchema,
    RepairRequestSchema,
    RepairResponseSchema,
    SyncRequestSchema,
    SyncResponseSchema,
)
from fieldsync.sync.messages import (
    PROTOCOL_VERSION,
    PROTOCOLS_SPOKEN,
    QuarantineRequest,
    RepairRequest,
    RepairResponse,
    SignedReceipt,
    SyncRequest,
    SyncResponse,
)
from fieldsync.sync.operation import SealedOperation
from fieldsync.words import words

# An older server may be updated any day, so the newest version is tried again after this time.
_REMEMBERED = timedelta(days=1)
_PROTOCOL = "protocol"
_SINCE_VERSION_2 = ("urgent", "receipt", "page_bytes")


def remote_of(ctx: DeviceContext) -> Remote:
    """This device's server, with the protocol that was found to be common within the last day."""
    return Remote(
        url=ctx.identity.server_url,
        key_id=ctx.identity.device_id,
        key=load_key(ctx.keys, REQUEST_KEY),
        clock=ctx.clock,
        randomness=ctx.randomness,
        timeout_s=int(sound_value(ctx.home, "timeout_s")),
        ca_file=sound_value(ctx.home, "ca_file"),
        protocol=_remembered(ctx),
    )


@dataclass(frozen=True, slots=True)
class Talk:
    """One server and the device that speaks with it; every failure is one of ours."""

    ctx: DeviceContext
    remote: Remote

    def sync(self, request: SyncRequest) -> SyncResponse:
        """`POST /api/v1/sync`."""
        answer = self._ask("sync", request, SyncRequestSchema, SyncResponseSchema())
        if not isinstance(answer, SyncResponse):
            raise TypeError("the schema makes a SyncResponse")
        return answer

    def repair(self, request: RepairRequest) -> RepairResponse | None:
        """`POST /api/v1/repair`; None where the server is too old to know it."""
        answer = self._ask_newer("repair", request, RepairRequestSchema, RepairResponseSchema())
        if not isinstance(answer, RepairResponse | None):
            raise TypeError("the schema makes a RepairResponse")
        return answer

    def quarantine(self, request: QuarantineRequest) -> SignedReceipt | None:
        """`POST /api/v1/quarantine`: the server's signed word; None where it is too old to know it."""
        answer = self._ask_newer(
            "quarantine", request, QuarantineRequestSchema, QuarantineResponseSchema()
        )
        return None if answer is None else answer["receipt"]

    def _ask_newer(self, name: str, request: object, asking: type[Schema], told: Schema) -> Any:
        if self.remote.protocol < PROTOCOL_VERSION:
            return None
        try:
            return self._ask(name, request, asking, told)
        except (NotFoundError, ProtocolMismatchError):
            return None

    def _ask(self, name: str, request: object, asking: type[Schema], told: Schema) -> Any:
        def send() -> dict[str, Any]:
            is_older = name == "sync" and self.remote.protocol < PROTOCOL_VERSION
            left_out = _SINCE_VERSION_2 if is_older else ()
            if is_older and isinstance(request, SyncRequest):
                _check_open(request)
            return self.remote.post(f"/api/v1/{name}", asking(exclude=left_out).dump(request))

        before = self.remote.protocol
        data = in_common(self.remote, send)
        if self.remote.protocol != before:
            _remember(self.ctx, self.remote.protocol)
        try:
            return told.load(data)
        except ValidationError as error:
            raise not_ours(self.remote.url) from error


def _check_open(request: SyncRequest) -> None:
    """ConflictError 409.69 where a server of protocol 1 would be sent what only a newer one opens."""
    if any(isinstance(one, SealedOperation) for one in request.operations):
        raise ConflictError(
            "409.69",
            words(
                "The server is older than before, and cannot open records that are sealed to it."
            ),
            words("Your records stay here. The office must update the server."),
        )


def _remembered(ctx: DeviceContext) -> int:
    told = json.loads(meta.read(ctx.conn, _PROTOCOL) or "{}")
    version = told.get("version")
    if version not in PROTOCOLS_SPOKEN:
        return PROTOCOL_VERSION
    passed = ctx.clock.now() - datetime.fromisoformat(told["found_at"])
    return version if abs(passed) < _REMEMBERED else PROTOCOL_VERSION


def _remember(ctx: DeviceContext, version: int) -> None:
    found = {"version": version, "found_at": ctx.clock.now().isoformat()}
    with writing(ctx.conn) as conn:
        meta.write(conn, {_PROTOCOL: json.dumps(found)})
