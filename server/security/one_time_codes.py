"""One-time codes of an authenticator app (RFC 6238): six digits, thirty seconds, each used once."""

import base64
import hmac
from datetime import datetime

import pyotp
import segno

from fieldsync.ports import Randomness

_SEED_BYTES = 20
_STEP_S = 30
# A telephone's clock may be one step off.
_DRIFT = (0, -1, 1)


def fresh_seed(randomness: Randomness) -> str:
    """A seed as apps take it (base 32)."""
    return base64.b32encode(randomness.token(_SEED_BYTES)).decode()


def step_of_code(seed: str, said: str, at: datetime) -> int | None:
    """The step whose code this is, None where it is none of now; the caller uses each step once."""
    code = "".join(said.split())
    now = int(at.timestamp()) // _STEP_S
    otp = pyotp.TOTP(seed, interval=_STEP_S)
    for step in (now + drift for drift in _DRIFT):
        if hmac.compare_digest(otp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def app_address(seed: str, login: str, issuer: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(seed, interval=_STEP_S).provisioning_uri(name=login, issuer_name=issuer)


def qr_of(address: str) -> str:
    """The address as SVG to stand in a page: no script, no style, nothing from elsewhere."""
    drawn = segno.make_qr(address, error="m")
    return str(drawn.svg_inline(scale=5, border=4, light="#fff", omitsize=True))
