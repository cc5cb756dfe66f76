"""Checks the audit log against itself, every row of the store against the log, and both against published heads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from fieldsync.errors import NotFoundError
from fieldsync.sync.merkle import Frontier, extended
from fieldsync.words import Words, words
from server.context import ServerContext
from server.security.text_keys import public_text
from server.security.tree_heads import TreeHead, heads_in
from server.store.account_tables import metadata
from server.store.audit_rows import Key, every_digest, watched
from server.store.audit_tree import leaf_of, lines_of_log, load_tree
from server.store.engine import reading
from server.store.tables import devices, operations


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the log says: a code for machines, a sentence, and where to look.

    `line` is a line of the log; `table` and `key` name a row.
    """

    what: str
    told: Words
    line: int | None = None
    table: str | None = None
    key: Key = ()


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was checked, and what was found."""

    size: int
    root: str
    rows: int
    heads: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Log:
    """The log as its lines tell it; `known` is each row's newest digest and the line that told it."""

    frontier: Frontier = field(default_factory=Frontier)
    known: dict[str, dict[Key, tuple[bytes, int]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    findings: list[Finding] = field(default_factory=list)


def verify_audit(ctx: ServerContext, heads: Path | None = None) -> AuditReport:
    """Check everything in one snapshot; `heads` is a file of published heads from elsewhere.

    NotFoundError 404.95 where that file is not there.
    """
    published = _published(ctx, heads)
    log, rows = _Log(), 0
    with reading(ctx.engine) as conn:
        _read_log(conn, log, published)
        tree = load_tree(conn)
        if tree.frontier != log.frontier:
            told = words("The tree is not the one that the lines of the log make.")
            log.findings.append(Finding("tree_changed", told))
        for table in watched(metadata.tables.values()):
            for key, digest in every_digest(conn, table):
                rows += 1
                log.findings += _row(table.name, key, digest, log.known[table.name].pop(key, None))
        log.findings += _gone(log)
        log.findings += _moved_heads(conn)
    log.findings += _bad_heads(ctx, published, log.frontier.size)
    frontier = log.frontier
    return AuditReport(
        frontier.size, frontier.root.hex(), rows, len(published), tuple(log.findings)
    )


def _published(ctx: ServerContext, heads: Path | None) -> list[TreeHead | None]:
    if heads is not None and not heads.is_file():
        raise NotFoundError(
            "404.95",
            words("There is no file {path}.", path=str(heads)),
            words("Name the file of heads that was kept elsewhere."),
        )
    own = ctx.config.heads
    files = [path for path in (own, heads) if path is not None and path.is_file()]
    return [head for path in files for head in heads_in(path)]


def _read_log(conn: Connection, log: _Log, published: Iterable[TreeHead | None]) -> None:
    """Take in every line; the roots along the way are compared with those that were published."""
    by_size: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for head in published:
        if head is not None:
            by_size[head.size].add((head.root, head.at))
    _compare(log, by_size)
    for row in lines_of_log(conn):
        n = log.frontier.size + 1
        if row.n != n:
            told = words("Line {line} stands where line {n} should.", line=row.n, n=n)
            log.findings.append(Finding("line_missing", told, line=n))
        leaf = leaf_of(row)
        if leaf.hex() != row.leaf:
            told = words("Line {line} of the log was rewritten.", line=row.n)
            log.findings.append(Finding("line_changed", told, line=row.n))
        log.frontier = extended(log.frontier, [leaf])
        _take_rows(log, row)
        _compare(log, by_size)


def _take_rows(log: _Log, row: Row[Any]) -> None:
    if row.rows is None:
        return
    try:
        told = msgspec.json.decode(row.rows, type=dict[str, list[list[str | int | None]]])
        for table, entries in told.items():
            for *key, digest in entries:
                log.known[table][tuple(key)] = (bytes.fromhex(str(digest or "")), row.n)
    except (msgspec.DecodeError, ValueError):
        said = words("Line {line} does not say which rows it answers for.", line=row.n)
        log.findings.append(Finding("line_unreadable", said, line=row.n))


def _compare(log: _Log, by_size: dict[int, set[tuple[str, str]]]) -> None:
    size = log.frontier.size
    if size not in by_size:
        return
    root = log.frontier.root.hex()
    for other, at in sorted(by_size[size]):
        if other != root:
            told = words(
                "The first {size} lines are not those whose head was published at {at}.",
                size=size,
                at=at,
            )
            log.findings.append(Finding("head_contradicts", told, line=size))


def _row(table: str, key: Key, digest: str, known: tuple[bytes, int] | None) -> Iterator[Finding]:
    if known is None:
        told = words("{table} {key}: no line of the log tells of this row.", **_named(table, key))
        yield Finding("row_unknown", told, table=table, key=key)
    elif known[0].hex() != digest:
        told = words(
            "{table} {key}: the row is not what line {line} of the log tells.",
            line=known[1],
            **_named(table, key),
        )
        yield Finding("row_changed", told, line=known[1], table=table, key=key)


def _gone(log: _Log) -> Iterator[Finding]:
    for table, rows in sorted(log.known.items()):
        for key, (digest, line) in rows.items():
            if digest:
                told = words(
                    "{table} {key}: the row of line {line} is gone.",
                    line=line,
                    **_named(table, key),
                )
                yield Finding("row_gone", told, line=line, table=table, key=key)


def _named(table: str, key: Key) -> dict[str, str]:
    return {"table": table, "key": " ".join(map(str, key))}


def _moved_heads(conn: Connection) -> Iterator[Finding]:
    """Devices whose log does not end where their row says; the log answers for operations alone."""
    last = (
        select(operations.c.device_id, func.max(operations.c.seq).label("seq"))
        .group_by(operations.c.device_id)
        .subquery()
    )
    ends = conn.execute(
        select(devices.c.device_id, devices.c.head_seq, devices.c.head_hash, operations.c.hash)
        .join(
            operations,
            (operations.c.device_id == devices.c.device_id)
            & (operations.c.seq == devices.c.head_seq),
            isouter=True,
        )
        .join(last, last.c.device_id == devices.c.device_id, isouter=True)
        .where((devices.c.head_seq > 0) | (last.c.seq > 0))
    )
    for row in ends:
        if row.hash != row.head_hash:
            told = words(
                "{device_id}: the device's log does not end there.", device_id=row.device_id
            )
            yield Finding("device_log", told, table="devices", key=(row.device_id,))


def _bad_heads(
    ctx: ServerContext, published: Iterable[TreeHead | None], size: int
) -> Iterator[Finding]:
    """Heads that are none, that none of our keys signed, or that tell of lines the log does not have."""
    ours = {public_text(key) for key in ctx.keys.audits}
    for number, head in enumerate(published, 1):
        if head is None or head.key not in ours or not head.is_genuine:
            told = words("Published head {number} was not signed by this server.", number=number)
            yield Finding("head_forged", told)
        elif head.size > size:
            told = words(
                "At {at} the log had {more} lines; now it has {size}.",
                at=head.at,
                more=head.size,
                size=size,
            )
            yield Finding("log_shorter", told, line=size)
