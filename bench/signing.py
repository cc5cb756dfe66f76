"""Measures what it costs the server to check who signed a request, without a body and with a batch of records."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.report import Result, run
from fieldsync.adapters.clock import SystemClock
from fieldsync.adapters.request_signatures import (
    ReceivedRequest,
    check_fresh,
    sign_request,
    verify_request,
)

_URL = "http://127.0.0.1/api/v1/sync"
# A hundred records, as a device sends them at once.
_BODIES = {"empty": b"", "batch": b"r" * (100 << 10)}
_TIMES = 2_000


def measure(folder: Path) -> list[Result]:
    """The median of many checks; none of it touches the folder."""
    _ = folder
    return [
        Result(
            f"signing.verify_{name}_ms",
            round(statistics.median(_taken_ms(body)), 4),
            "ms",
            {"budget": 1.0, "bytes": len(body)},
        )
        for name, body in _BODIES.items()
    ]


def _taken_ms(body: bytes) -> Iterator[float]:
    key = Ed25519PrivateKey.generate()
    public, now = key.public_key(), SystemClock().now()
    request = requests.Request("POST", _URL, data=body).prepare()
    sign_request(request, "device", key, now, "a nonce")
    received = ReceivedRequest("POST", _URL, dict(request.headers))
    for _number in range(_TIMES):
        begun = time.perf_counter()
        check_fresh(verify_request(received, body, lambda _device: public).created, now)
        yield (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    run(__doc__, measure)
