"""An S3-compatible store of the tests' own, spoken to over real HTTP on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import requests
from moto.server import ThreadedMotoServer

BUCKET = "received"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A running store with one empty bucket."""

    endpoint: str

    @property
    def url(self) -> str:
        """The bucket, as the server's settings name it."""
        return f"s3://{BUCKET}/bank"

    def object_names(self) -> list[str]:
        """What is in the bucket, by its list."""
        listed = _ask("GET", f"{self.endpoint}/{BUCKET}?list-type=2").text
        return [part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]]

    def unfinished(self) -> bool:
        """Whether parts of a broken-off upload are left."""
        return "<Upload>" in _ask("GET", f"{self.endpoint}/{BUCKET}?uploads").text

    def replace(self, name: str, content: bytes) -> None:
        """Put another content under a name, as a fault of the store would."""
        _ask("PUT", f"{self.endpoint}/{BUCKET}/{name}", content)


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """A store, while the block runs; the environment names it, as it would in production."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    store = ObjectStore(f"http://{host}:{port}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", "tests")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        patched.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patched.setenv("AWS_ENDPOINT_URL", store.endpoint)
        _ask("POST", f"{store.endpoint}/moto-api/reset")
        _ask("PUT", f"{store.endpoint}/{BUCKET}")
        yield store
    server.stop()


def _ask(method: str, url: str, content: bytes = b"") -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, url, data=content, timeout=20)
    answer.raise_for_status()
    return answer
