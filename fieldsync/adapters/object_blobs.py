"""Files in a bucket of an S3-compatible store, by obstore; the environment holds endpoint and credentials.

A file is there whole or not at all: the store shows an upload only when its last part is confirmed,
and an upload whose content turns out wrong is broken off before that.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from fieldsync.adapters.whole_content import checked
from fieldsync.errors import InputError, NotFoundError, UnreachableError
from fieldsync.words import words

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Where the store's client library looks for its endpoint; the first that is set wins.
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_ANSWER_S = 30
_CONNECT_S = 5


class ObjectBlobs:
    """The BlobStore port over a bucket; `url` is `s3://bucket` or `s3://bucket/prefix`.

    InputError 400.7 for another URL, 400.8 where the endpoint is unencrypted and not this machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc:
            raise InputError(
                "400.7",
                words("The address of the files' store is none that Fieldsync knows."),
                words("Write s3://BUCKET or s3://BUCKET/PREFIX."),
            )
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._endpoint = _endpoint()

    @cached_property
    def _store(self) -> S3Store:
        # Opened by the process that uses it: the client's threads do not outlive a fork.
        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            client_options={
                "allow_http": self._endpoint.startswith("http://"),
                "timeout": timedelta(seconds=_ANSWER_S),
                "connect_timeout": timedelta(seconds=_CONNECT_S),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=_ANSWER_S)},
            config={"endpoint": self._endpoint} if self._endpoint else None,
        )

    def put(self, content: bytes) -> str:
        """Keep the content and return its SHA-256 in hex; UnreachableError 503.2."""
        name = hashlib.sha256(content).hexdigest()
        self.put_pieces(name, (content,))
        return name

    def put_pieces(self, sha256: str, pieces: Iterable[bytes]) -> None:
        """Keep content that comes in pieces; InputError 422.61 where its name stands for another."""
        if self.has(sha256):
            return
        with _explained():
            try:
                obstore.put(self._store, _key(sha256), checked(sha256, pieces))
            except FileNotFoundError as error:
                # There is no such bucket.
                raise _unusable() from error

    def get(self, sha256: str) -> bytes:
        """The content, held against its name; NotFoundError 404.6, UnreachableError 503.2 or 503.4."""
        with _explained():
            try:
                content = bytes(obstore.get(self._store, _key(sha256)).bytes())
            except FileNotFoundError as error:
                raise NotFoundError(
                    "404.6", words("File {sha256} is not here.", sha256=sha256[:12])
                ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UnreachableError(
                "503.4",
                words(
                    "The store of files returned another content for {sha256}.", sha256=sha256[:12]
                ),
                words("Restore the file in the store; `fieldsync-server doctor` finds such files."),
            )
        return content

    def has(self, sha256: str) -> bool:
        """Whether the content is there; UnreachableError 503.2 where the store does not say."""
        with _explained():
            try:
                obstore.head(self._store, _key(sha256))
            except FileNotFoundError:
                return False
        return True

    def drop(self, sha256: str) -> None:
        """Delete the content for good, nothing where it is not there; UnreachableError 503.2."""
        with _explained(), suppress(FileNotFoundError):
            obstore.delete(self._store, _key(sha256))


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _endpoint() -> str:
    """The endpoint that the environment names; empty for the library's own default, which is https."""
    found = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
    parts = urlsplit(found)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InputError(
            "400.8",
            words("{url} would send the bank's files unencrypted.", url=found),
            words("Use an https:// endpoint; http:// is for a store on this very machine."),
        )
    return found


@contextmanager
def _explained() -> Iterator[None]:
    """Whatever the client library says becomes UnreachableError 503.2, without its words: they may hold keys."""
    try:
        yield
    except BaseError as error:
        raise _unusable() from error


def _unusable() -> UnreachableError:
    return UnreachableError(
        "503.2",
        words("The store of files cannot be used just now."),
        words("Nothing is lost: what arrived stays. Try again later."),
    )
