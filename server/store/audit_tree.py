"""Puts what a transaction has to answer for into the tree of the audit log, as its very last writes.

The tree's one row (its size and frontier) is locked after everything else and until the commit: so
places have no gaps, two writes never wait for each other in a circle, and nobody waits longer than
it takes to add a few lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from fieldsync.sync.merkle import Frontier, extended, leaf_hash
from server.store.audit_rows import Key, digests_of, written
from server.store.audit_tables import audit_tree
from server.store.ledger import Ledger, Line
from server.store.tables import audit

# Rows a line answers for: enough for a push, little enough to read.
_ROWS_A_LINE = 500
_HASH_BYTES = 32
_TREE = select(audit_tree).with_for_update()
_INSERT = insert(audit)
_MOVE = update(audit_tree).values(
    size=bindparam("to_size"),
    peaks=bindparam("to_peaks"),
    at=bindparam("last_at", type_=audit_tree.c.at.type),
)
# Both in one statement where the store can: a round trip less while others wait.
_INSERT_AND_MOVE = insert(audit).add_cte(_MOVE.cte("moved"))
# What becomes of rows that a transaction touched without a word of its own, and of what is too much for one line.
_WRITTEN = "rows.written"

Entry = tuple[str, Key, str | None]


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree as the store keeps it; `at` is when its last line was written."""

    frontier: Frontier
    at: datetime


def seal(conn: Connection, ledger: Ledger) -> None:
    """Add what the transaction did to the tree."""
    if not ledger.lines and not ledger.touched:
        return
    entries: list[Entry] = []
    for table in sorted(ledger.touched, key=lambda one: one.name):
        rows = ledger.touched[table]
        unread = [key for key, digest in rows.items() if digest is None]
        if unread:
            entries += [(table.name, *found) for found in digests_of(conn, table, unread)]
        known = ((written(conn, key), digest) for key, digest in rows.items() if digest)
        entries += [(table.name, *one) for one in known]
    append(conn, ledger.lines, entries)


def append(conn: Connection, lines: Sequence[Line], entries: Sequence[Entry]) -> None:
    """Number and store lines; the last of them, and more where needed, answer for the rows."""
    portions = [entries[n : n + _ROWS_A_LINE] for n in range(0, len(entries), _ROWS_A_LINE)]
    tree = load_tree(conn, lock=True)
    told = list(lines)
    while len(told) < len(portions) or not told:
        last = told[-1] if told else Line(tree.at, "server", "", "-", "{}")
        told.append(Line(last.at, last.actor, _WRITTEN, last.subject, "{}"))
    silent = len(told) - len(portions)
    texts = [None] * silent + [_rows_text(portion) for portion in portions]
    first = tree.frontier.size + 1
    rows = [_row(first + n, line, texts[n]) for n, line in enumerate(told)]
    leaves = [bytes.fromhex(str(row["leaf"])) for row in rows]
    frontier = extended(tree.frontier, leaves)
    _write(conn, rows, _tree_row(frontier, told[-1].at))


def _write(
    conn: Connection, rows: Sequence[Mapping[str, object]], move: Mapping[str, object]
) -> None:
    *more, last = rows
    if more:
        conn.execute(_INSERT, more)
    if conn.dialect.name == "postgresql":
        conn.execute(_INSERT_AND_MOVE, {**last, **move})
    else:
        conn.execute(_INSERT, last)
        conn.execute(_MOVE, move)


def _tree_row(frontier: Frontier, at: datetime) -> dict[str, object]:
    peaks = b"".join(frontier.peaks).hex()
    return {"to_size": frontier.size, "to_peaks": peaks, "last_at": at}


def load_tree(conn: Connection, *, lock: bool = False) -> Tree:
    """The tree; `lock` keeps others from adding to it until this transaction ends."""
    row = conn.execute(_TREE if lock else select(audit_tree)).one()
    return Tree(Frontier(row.size, _peaks(row.peaks)), row.at)


def leaf_of(row: Row[tuple[object, ...]]) -> bytes:
    """The leaf hash that a stored line of the log must have."""
    line = Line(row.at, row.actor, row.action, row.subject, row.detail)
    return _leaf(row.n, line, row.rows)


def leaves_until(conn: Connection, size: int) -> list[bytes]:
    """The stored leaf hashes of the first lines."""
    rows = conn.execute(select(audit.c.leaf).where(audit.c.n <= size).order_by(audit.c.n))
    return [bytes.fromhex(leaf) for leaf in rows.scalars()]


def lines_of_log(conn: Connection) -> Iterator[Row[tuple[object, ...]]]:
    """Every line in order."""
    yield from conn.execute(select(audit).order_by(audit.c.n).execution_options(yield_per=2_000))


def line_data(row: Row[tuple[object, ...]]) -> list[object]:
    """The fields of a stored line as its leaf is made of them."""
    line = Line(row.at, row.actor, row.action, row.subject, row.detail)
    return _data(row.n, line, row.rows)


def encoded(data: Sequence[object]) -> bytes:
    """The bytes of a leaf: a JSON array (n, at, actor, action, subject, detail, rows)."""
    return msgspec.json.encode(data)


def _data(n: int, line: Line, rows: str | None) -> list[object]:
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [n, at, line.actor, line.action, line.subject, line.detail, rows]


def _leaf(n: int, line: Line, rows: str | None) -> bytes:
    return leaf_hash(encoded(_data(n, line, rows)))


def _row(n: int, line: Line, rows: str | None) -> dict[str, object]:
    return {
        "n": n,
        "at": line.at,
        "actor": line.actor,
        "action": line.action,
        "subject": line.subject,
        "detail": line.detail,
        "rows": rows,
        "leaf": _leaf(n, line, rows).hex(),
    }


def _rows_text(entries: Sequence[Entry]) -> str:
    """The rows by table, each as its key and then its digest."""
    by_table: dict[str, list[list[object]]] = {}
    for table, key, digest in entries:
        by_table.setdefault(table, []).append([*key, digest])
    return msgspec.json.encode(by_table).decode()


def _peaks(text: str) -> tuple[bytes, ...]:
    whole = bytes.fromhex(text)
    return tuple(whole[n : n + _HASH_BYTES] for n in range(0, len(whole), _HASH_BYTES))


def adopt(conn: Connection, tables: Iterable[tuple[str, Iterable[tuple[Key, str]]]]) -> None:
    """Make the tree of a store that has none: number its lines anew, then answer for every row there is.

    `tables` are names, each with its rows' keys and digests.
    """
    at = _number_anew(conn)
    line = Line(at, "server", "rows.adopted", "-", "{}")
    for name, digests in tables:
        for some in _portions((name, key, digest) for key, digest in digests):
            append(conn, [line], some)


def _number_anew(conn: Connection) -> datetime:
    """Close the gaps of the lines that are stored, and give them leaves; when the last was written."""
    stored = conn.execute(select(audit).order_by(audit.c.n)).all()
    frontier, at = Frontier(), datetime(1970, 1, 1, tzinfo=UTC)
    for n, row in enumerate(stored, 1):
        at = row.at
        line = Line(at, row.actor, row.action, row.subject, row.detail)
        leaf = _leaf(n, line, None)
        conn.execute(update(audit).where(audit.c.n == row.n).values(n=n, leaf=leaf.hex()))
        frontier = extended(frontier, [leaf])
    conn.execute(insert(audit_tree), {"tree_id": 1, "size": 0, "peaks": "", "at": at})
    conn.execute(_MOVE, _tree_row(frontier, at))
    return at


def _portions(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    some: list[Entry] = []
    for entry in entries:
        some.append(entry)
        if len(some) == _ROWS_A_LINE:
            yield some
            some = []
    if some:
        yield some
