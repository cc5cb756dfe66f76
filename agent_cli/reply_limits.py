"""Reads an answer whole and unpacked, but never more of it than any of our servers would send.

Something else at the address, or a broken server, may send without end: a device must not fill its
memory with it. How long that may take is for `least_speed` to say.
"""

import zlib

import requests
import urllib3

from agent_cli.least_speed import EndlessAnswerError

# A page of the feed is about 1 MB; a bucket of a very large branch some more. Packed and unpacked.
ANSWER_BYTES_MAX = 32 << 20
_CHUNK_BYTES = 64 << 10
# zlib's name for a gzip header and its largest window.
_GZIP = 16 + zlib.MAX_WBITS


def take_whole(answer: requests.Response) -> None:
    """Read the content of a streamed answer.

    EndlessAnswerError where it is too much; the errors of `requests` where it breaks off. What was
    packed is unpacked here: urllib3 takes a packed content that is cut short for a short one.
    """
    is_packed = answer.headers.get("Content-Encoding", "").lower() == "gzip"
    unpacking = zlib.decompressobj(_GZIP) if is_packed else None
    content = bytearray()
    while piece := _piece(answer):
        room = ANSWER_BYTES_MAX + 1 - len(content)
        content += piece if unpacking is None else _unpacked(unpacking, piece, room)
        if len(content) > ANSWER_BYTES_MAX or answer.raw.tell() > ANSWER_BYTES_MAX:
            answer.close()
            raise EndlessAnswerError("the answer is too long")
    if unpacking is not None and not unpacking.eof:
        raise requests.exceptions.ContentDecodingError("the packed content was cut short")
    answer._content = bytes(content)  # noqa: SLF001 - requests offers no other way to limit it


def _unpacked(unpacking: "zlib._Decompress", piece: bytes, room: int) -> bytes:
    try:
        return unpacking.decompress(piece, room)
    except zlib.error as error:
        raise requests.exceptions.ContentDecodingError(error) from error


def _piece(answer: requests.Response) -> bytes:
    """What has come, without waiting for more of it; requests' own reading waits for a full piece."""
    try:
        piece: bytes = answer.raw.read1(_CHUNK_BYTES, decode_content=False)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ConnectionError(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    return piece
