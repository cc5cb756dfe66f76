"""HTTP requests signed and verified by RFC 9421 with Ed25519; wraps `http-message-signatures`.

Covered: method, path, query and the body's digest (RFC 9530), so that a proxy which ends TLS or
renames the host breaks nothing. Freshness (`check_fresh`) and replay are judged by the server after
the signature verifies, with its own clock: the library would ask this machine's.
"""

import base64
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words

TAG = "fieldsync"
COVERED = ("@method", "@path", "@query", "content-digest")
SKEW_LIMIT = timedelta(minutes=5)
_NONCE_MAX = 64
# What `sign_request` writes (RFC 9530).
_SHA256_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class SignableRequest(Protocol):
    """What signing needs of a request; `requests.PreparedRequest` has it."""

    @property
    def method(self) -> str | None:
        """The method, in capitals."""
        ...

    @property
    def url(self) -> str | None:
        """The absolute, encoded address."""
        ...

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Where the signature is written."""
        ...

    @property
    def body(self) -> bytes | str | Any | None:
        """The final content; a whole one, never a stream."""
        ...


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it arrived: `url` is absolute and still encoded; only its path and query count."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose signature verified, and the facts it covers."""

    key_id: str
    created: datetime
    nonce: str
    content_digest: str


class _Keys(HTTPSignatureKeyResolver):
    """Answers the library's two questions from one private key or one look-up of public keys."""

    def __init__(
        self,
        private: Ed25519PrivateKey | None = None,
        public_of: Callable[[str], Ed25519PublicKey | None] | None = None,
    ) -> None:
        self._private = private
        self._public_of = public_of
        self.failure: Exception | None = None

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:
        """The one private key."""
        _ = key_id
        return self._private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """The key of that device, or None; a look-up that fails is remembered as it failed."""
        try:
            return self._public_of(key_id) if self._public_of else None
        except Exception as error:
            self.failure = error
            raise


class _Verifier(HTTPMessageVerifier):
    """Leaves time to `check_fresh`."""

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        """Nothing here: a wrong clock gets its own answer, and only after the signature verified."""
        _ = (sig_input, max_age)


def sign_request(
    request: SignableRequest,
    key_id: str,
    private_key: Ed25519PrivateKey,
    created: datetime,
    nonce: str,
) -> None:
    """Add Content-Digest, Signature-Input and Signature to a prepared request, over its final body.

    Call it last, after any compression; signing a request again replaces what was there.
    """
    request.headers.pop("Content-Digest", None)
    body = request.body or b""
    raw = body.encode() if isinstance(body, str) else bytes(body)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Keys(private=private_key)
    )
    signer.sign(
        request,
        key_id=key_id,
        created=created,
        nonce=nonce,
        label=TAG,
        tag=TAG,
        covered_component_ids=COVERED[:-1],
        body=raw,
    )


def verify_request(
    request: ReceivedRequest,
    body: bytes | None,
    public_key_of: Callable[[str], Ed25519PublicKey | None],
) -> Signed:
    """Who signed exactly this request and body; UnauthorisedError 401.1 if nobody we know did.

    `body` is the content as it came over the wire, before any decompression; None where it is a
    stream still to be read, which the caller holds against `signed_sha256`.
    """
    keys = _Keys(public_of=public_key_of)
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    try:
        results = verifier.verify(
            request, max_age=None, expect_tag=TAG, require_components=COVERED, body=body
        )
        covered = results[0].covered_components
        return _facts_of(results[0].parameters, covered['"content-digest"'])
    except (HTTPMessageSignaturesException, InvalidSignature, ValueError) as error:
        if keys.failure is not None:
            # The library tells it as a wrong signature; a store that cannot be read is none.
            raise keys.failure from error
        raise not_signed() from error


def not_signed() -> UnauthorisedError:
    """What is said of a request that no device of ours signed, or whose content is not what was signed."""
    return UnauthorisedError(
        "401.1",
        words("The request is not signed by a device enrolled here."),
        words("Sync again; if it stays so, enrol this device again."),
    )


def signed_sha256(signed: Signed) -> bytes:
    """The SHA-256 that the content must have; UnauthorisedError 401.1 where the signature names none."""
    found = _SHA256_DIGEST.fullmatch(signed.content_digest)
    if found is None:
        raise not_signed()
    return base64.b64decode(found[1])


def check_fresh(created: datetime, now: datetime) -> None:
    """UnauthorisedError 401.2, with the server's time, where the sender's clock is too far off."""
    if abs(now - created) > SKEW_LIMIT:
        raise UnauthorisedError(
            "401.2",
            words("The request's time is too far from the server's time."),
            words("Set this device's clock; the server's time comes with this answer."),
            server_time=now.isoformat(),
        )


def _facts_of(parameters: Mapping[str, int | str], content_digest: str) -> Signed:
    """The signed metadata we insist on; ValueError where a part is missing or out of shape."""
    created, nonce = parameters.get("created"), parameters.get("nonce")
    if not isinstance(created, int) or not isinstance(nonce, str):
        raise ValueError("created and nonce are needed")  # noqa: TRY004 - foreign input, not our type
    if not 0 < len(nonce) <= _NONCE_MAX:
        raise ValueError("the nonce is empty or too long")
    try:
        instant = datetime.fromtimestamp(created, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("created is out of range") from error
    return Signed(str(parameters["keyid"]), instant, nonce, content_digest)
