"""Device and server say which protocol they speak before anything else is looked at."""

from flask import request

from fieldsync.errors import ProtocolMismatchError
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOLS_SPOKEN
from fieldsync.words import words

_SPOKEN = tuple(str(version) for version in PROTOCOLS_SPOKEN)
_PREFIX = "/api/v1/"
# What a person or a tool reads with no device in hand.
_OPEN = frozenset({"/api/v1/openapi.json"})


def check_protocol() -> None:
    """ProtocolMismatchError 426.1 naming both versions where a device's request speaks another one."""
    if not request.path.startswith(_PREFIX) or request.path in _OPEN or not request.url_rule:
        return
    theirs = request.headers.get(PROTOCOL_HEADER, "")
    if theirs not in _SPOKEN:
        raise ProtocolMismatchError(
            "426.1",
            words(
                "The device speaks protocol {theirs}, the server speaks {ours}.",
                theirs=theirs[:20] or "-",
                ours=", ".join(_SPOKEN),
            ),
            words("Update the older of the two."),
            protocols=list(PROTOCOLS_SPOKEN),
        )
