"""Devices of the fleet at work: each fetches its whole morning, signed, and checks what it was given."""

import gzip
import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.fleet_store import device_id_of, request_key_of
from fieldsync.adapters.request_signatures import sign_request
from fieldsync.domain import base64url
from fieldsync.domain.ids import new_id
from fieldsync.sync.digest import digest_of
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION, RECEIPT_TAG
from tests.fakes import SeededRandomness

THREADS = 4
_PATH = "/api/v1/sync"
_TIMEOUT_S = 60
_OK = 200


@dataclass(frozen=True, slots=True)
class Fetched:
    """How long one device waited, its rows, and what went wrong; empty where nothing did."""

    ms: float
    rows: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one process of devices is given: the server, its key, and which devices fetch."""

    url: str
    server_key: str
    numbers: Sequence[int]


def fetch_all(share: Share) -> list[Fetched]:
    """Every device of the share once, four at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda number: _fetch(share, number), share.numbers))


def _fetch(share: Share, number: int) -> Fetched:
    begun = time.perf_counter()
    rows, error = 0, ""
    try:
        rows = _whole_morning(share, number)
    except (OSError, ValueError, http.client.HTTPException, msgspec.DecodeError) as failure:
        error = f"device {number}: {failure!r}"
    return Fetched((time.perf_counter() - begun) * 1000, rows, error)


def _whole_morning(share: Share, number: int) -> int:
    """Pages until the answer is complete; then both sides must agree on every row."""
    held: dict[str, int] = {}
    cursor = None
    while True:
        answer = _exchange(share, number, cursor)
        held |= {row["key"]: row["version"] for row in answer["changes"]}
        if answer["complete"]:
            break
        cursor = answer["cursor"]
    digest = digest_of(held.items())
    if answer["digest"] != {"count": digest.count, "sum": digest.sum}:
        raise ValueError("the rows are not those that the server counts")
    return len(held)


def _exchange(share: Share, number: int, cursor: str | None) -> dict[str, Any]:
    asked: dict[str, object] = {
        "device_id": device_id_of(number),
        "cursor": cursor,
        "operations": [],
    }
    request = requests.Request(
        "POST",
        share.url + _PATH,
        data=msgspec.json.encode(asked),
        headers={
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
            PROTOCOL_HEADER: str(PROTOCOL_VERSION),
        },
    ).prepare()
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark runs by the machine's clock
    nonce = new_id(int(now.timestamp() * 1000), SeededRandomness(f"{number} {now}").token(10))
    sign_request(request, device_id_of(number), request_key_of(number), now, nonce)
    answer = _posted(share.url, request)
    receipt = answer["receipt"]
    key = Ed25519PublicKey.from_public_bytes(base64url.decode(share.server_key))
    key.verify(base64url.decode(receipt["sig"]), RECEIPT_TAG + receipt["body"].encode())
    return answer


def _posted(url: str, request: requests.PreparedRequest) -> dict[str, Any]:
    """One request over a connection of its own, as every device has one."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("POST", _PATH, request.body, dict(request.headers))
        response = connection.getresponse()
        content = response.read()
        if response.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        if response.status != _OK:
            raise ValueError(content.decode(errors="replace"))
        answer: dict[str, Any] = msgspec.json.decode(content)
        return answer
    finally:
        connection.close()
