"""Which version of the protocol a server and this program speak with each other."""

from collections.abc import Callable
from typing import TypeVar

from agent_cli.remote import Remote
from fieldsync.errors import ProtocolMismatchError
from fieldsync.sync.messages import PROTOCOLS_SPOKEN
from fieldsync.words import words

Answer = TypeVar("Answer")


def in_common(remote: Remote, send: Callable[[], Answer]) -> Answer:
    """What `send` brings; sent once more where the server names another version that both speak.

    ProtocolMismatchError 426.61 where the server is the older one, 426.62 where this program is.
    """
    try:
        return send()
    except ProtocolMismatchError as error:
        remote.protocol = _common(error, remote)
        return send()


def _common(error: ProtocolMismatchError, remote: Remote) -> int:
    told = error.details.get("protocols")
    theirs = {v for v in told if isinstance(v, int)} if isinstance(told, list) else set()
    if not theirs:
        raise error
    both = theirs & set(PROTOCOLS_SPOKEN)
    if both and max(both) != remote.protocol:
        return max(both)
    if both:
        raise error
    raise _older(max(theirs) < min(PROTOCOLS_SPOKEN)) from error


def _older(server_is_older: bool) -> ProtocolMismatchError:  # noqa: FBT001 - one question, one answer
    if server_is_older:
        return ProtocolMismatchError(
            "426.61",
            words("The server's program is older than this one, and the two cannot talk."),
            words("Your records stay on this device. Tell the office: the server must be updated."),
        )
    return ProtocolMismatchError(
        "426.62",
        words("This program is older than the server's, and the two cannot talk."),
        words("Your records stay on this device. Update this program, then sync again."),
    )
