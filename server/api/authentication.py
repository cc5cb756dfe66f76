"""Which enrolled device sent the request: RFC 9421 signature, fresh, never seen before, not revoked."""

from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import request

from fieldsync.adapters.request_signatures import (
    ReceivedRequest,
    Signed,
    check_fresh,
    signed_sha256,
    verify_request,
)
from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.api.context import server
from server.api.pace import note_unsigned
from server.context import ServerContext
from server.security.text_keys import public_key
from server.store.devices import Device, load_device
from server.store.engine import reading, writing
from server.store.retrying import retried
from server.workflow.revoke_device import shut_out
from server.workflow.use_nonce import use_once

# Only path and query are covered, so the host that a proxy may have changed is left out.
_ANY_HOST = "http://fieldsync.invalid"


def sender_of(body: bytes | None, *, revoked_too: bool = False) -> tuple[Device, Signed]:
    """The device whose request key signed this request over this body, freshly.

    UnauthorisedError 401.1 (wrong signature), 401.4 (unknown device), 401.2 (clock), 403.46 (revoked,
    unless `revoked_too`: what such a device still holds may be handed over). Whoever writes for it uses up
    the nonce in that very transaction (`server.workflow.use_nonce`). Without a body, the caller holds
    what it reads against the digest that was signed.
    """
    ctx = server()
    found: dict[str, Device] = {}
    unknown: list[str] = []

    def key_of(device_id: str) -> Ed25519PublicKey | None:
        with reading(ctx.engine) as conn:
            device = load_device(conn, device_id)
        if device is None:
            unknown.append(device_id)
            return None
        found[device_id] = device
        return public_key(device.request_key)

    try:
        signed = verify_request(received(), body, key_of)
    except UnauthorisedError as error:
        note_unsigned()
        raise _unknown() if unknown else error from error
    check_fresh(signed.created, ctx.clock.now())
    device = found[signed.key_id]
    if device.revoked_from_seq is not None and not revoked_too:
        raise shut_out()
    return device, signed


def signed_by_device(body: bytes, *, revoked_too: bool = False) -> Device:
    """The same, its nonce used up: UnauthorisedError 401.3 where the request was sent twice."""
    device, signed = sender_of(body, revoked_too=revoked_too)
    _use_once(server(), signed)
    return device


def signed_stream() -> tuple[Device, bytes]:
    """The device that signed a request whose body is still to be read, and the SHA-256 it must have."""
    device, signed = sender_of(None)
    sha256 = signed_sha256(signed)
    _use_once(server(), signed)
    return device, sha256


def _unknown() -> UnauthorisedError:
    """Enrolled after the backup that was put back, or with another server."""
    return UnauthorisedError(
        "401.4",
        words("This server does not know this device."),
        words(
            "Your records stay on this device. Ask the office for a new enrolment code and enrol in"
            " another folder (--home); the office takes in what `fieldsync export --rescue` writes."
        ),
    )


def signed_by_key(body: bytes, device_id: str, request_key: str) -> None:
    """Check that a device which is not enrolled yet holds the key it names; UnauthorisedError 401.x."""
    key = public_key(request_key)
    signed = verify_request(received(), body, lambda key_id: key if key_id == device_id else None)
    check_fresh(signed.created, server().clock.now())
    _use_once(server(), signed)


def received() -> ReceivedRequest:
    """The present request as the signature covers it: the target as it was sent, still encoded."""
    environ = request.environ
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target:
        query = environ.get("QUERY_STRING", "")
        target = quote(request.path) + (f"?{query}" if query else "")
    return ReceivedRequest(request.method, _ANY_HOST + str(target), dict(request.headers.items()))


@retried
def _use_once(ctx: ServerContext, signed: Signed) -> None:
    """Only after the signature verified: nobody else can use up a device's nonce."""
    with writing(ctx.engine) as conn:
        use_once(conn, signed, ctx.clock.now())
