"""Reads an answer whole, but never more of it, nor for longer, than any of our servers would need.

Something else at the address, or a broken server, may send without end or one byte now and then: a
device must neither fill its memory nor hang at it until the battery is empty.
"""

import time

import requests
import urllib3

from fieldsync.errors import UnreachableError
from fieldsync.words import words

# A page of the feed is about 1 MB; a bucket of a very large branch some more. After unpacking.
ANSWER_BYTES_MAX = 32 << 20
# Below a tenth of the slowest line supported nothing useful goes on.
_LEAST_BYTES_PER_S = 200
# So many times the wait for one piece are granted before the rate counts.
_GRACE = 5
_CHUNK_BYTES = 64 << 10


def take_whole(url: str, answer: requests.Response, timeout_s: float) -> None:
    """Read the content of a streamed answer; UnreachableError 601.7 where it is cut off here."""
    began_s = time.monotonic()
    content = bytearray()
    while piece := _piece(answer):
        content += piece
        spent_s = time.monotonic() - began_s - _GRACE * timeout_s
        if len(content) > ANSWER_BYTES_MAX or len(content) < spent_s * _LEAST_BYTES_PER_S:
            answer.close()
            raise UnreachableError(
                "601.7",
                words("The answer from {url} does not end.", url=url),
                words(
                    "Nothing of it was taken, and your records stay on this device. Sync again, in"
                    " another network if it stays so."
                ),
            )
    answer._content = bytes(content)  # noqa: SLF001 - requests offers no other way to limit it


def _piece(answer: requests.Response) -> bytes:
    """What has come, without waiting for more of it; requests' own reading waits for a full piece."""
    try:
        piece: bytes = answer.raw.read1(_CHUNK_BYTES, decode_content=True)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ConnectionError(error) from error
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    return piece
