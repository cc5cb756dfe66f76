"""What is remembered of exchanges beside their results: the last failure, and the background sync at work."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from agent_cli.cipher import sqlite3
from agent_cli.store import meta
from agent_cli.store.database import writing

_FAILURE = "last_failure"
_WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last exchange broke off, in both languages; forgotten when one goes well."""

    at: str
    code: str
    message: Mapping[str, str]
    hint: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Watching:
    """A background sync: its process, how often it exchanges (seconds), and when it will try next."""

    pid: int
    every_s: int
    since: str
    next_try_at: str | None = None


def note_failure(conn: sqlite3.Connection, failure: Failure) -> None:
    """Keep why it broke off, over the last one."""
    with writing(conn):
        meta.write(conn, {_FAILURE: json.dumps(asdict(failure), ensure_ascii=False)})


def forget_failure(conn: sqlite3.Connection) -> None:
    """All is well again; writes only where there is something to forget."""
    if meta.read(conn, _FAILURE):
        with writing(conn):
            meta.write(conn, {_FAILURE: ""})


def last_failure(conn: sqlite3.Connection) -> Failure | None:
    """Why the last exchange broke off, or None where it went well."""
    told = meta.read(conn, _FAILURE)
    return Failure(**json.loads(told)) if told else None


def note_watching(conn: sqlite3.Connection, watching: Watching | None) -> None:
    """Keep what the background sync is doing; None where it ended as it should."""
    with writing(conn):
        meta.write(conn, {_WATCH: "" if watching is None else json.dumps(asdict(watching))})


def last_watching(conn: sqlite3.Connection) -> Watching | None:
    """What the background sync last told; whether it still runs is for its lock to say."""
    told = meta.read(conn, _WATCH)
    return Watching(**json.loads(told)) if told else None
