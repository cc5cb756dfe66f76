"""Proofs about the audit log that anybody can check with nothing but the published heads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from fieldsync.errors import InputError, NotFoundError
from fieldsync.sync.merkle import (
    consistency_path,
    inclusion_path,
    is_consistent,
    leaf_hash,
    root_by_path,
)
from fieldsync.words import words
from server.context import ServerContext
from server.security.tree_heads import TreeHead
from server.store.audit_tree import encoded, leaves_until, line_data, load_tree
from server.store.engine import reading
from server.store.tables import audit


@dataclass(frozen=True, slots=True)
class Proof:
    """That the log of `size` lines holds `line` (its fields in order), or begins with `earlier` lines.

    `path` are hashes in hex.
    """

    size: int
    path: list[str] = field(default_factory=list)
    line: list[Any] | None = None
    earlier: int | None = None


def prove_line(ctx: ServerContext, n: int, size: int | None = None) -> Proof:
    """That a line is in the log of `size` lines (the present one); NotFoundError 404.96."""
    with reading(ctx.engine) as conn:
        whole = _size(load_tree(conn).frontier.size, size)
        row = conn.execute(select(audit).where(audit.c.n == n)).first()
        leaves = leaves_until(conn, whole)
    if row is None or not 1 <= n <= len(leaves):
        raise NotFoundError(
            "404.96",
            words("The log has no line {line}.", line=n),
            words("It has {size} lines.", size=whole),
        )
    path = inclusion_path(leaves, n - 1)
    return Proof(whole, _hex(path), line=line_data(row))


def newest_line_of(ctx: ServerContext, subject: str) -> int:
    """The newest line about a thing or answering for its row; NotFoundError 404.97."""
    about = or_(audit.c.subject == subject, audit.c.rows.contains(f'"{subject}"', autoescape=True))
    with reading(ctx.engine) as conn:
        n = conn.execute(select(audit.c.n).where(about).order_by(audit.c.n.desc()).limit(1))
        found = n.scalar()
    if found is None:
        raise NotFoundError(
            "404.97",
            words("No line of the log tells of {subject}.", subject=subject),
            words("Give the whole id."),
        )
    return int(found)


def prove_growth(ctx: ServerContext, earlier: int, size: int | None = None) -> Proof:
    """That the log of `size` lines (the present one) begins with the `earlier` ones; InputError 422.691."""
    with reading(ctx.engine) as conn:
        whole = _size(load_tree(conn).frontier.size, size)
        leaves = leaves_until(conn, whole)
    if not 1 <= earlier <= whole:
        raise _no_such_size(earlier, whole)
    return Proof(whole, _hex(consistency_path(leaves, earlier)), earlier=earlier)


def holds(proof: Proof, heads: Sequence[TreeHead]) -> bool:
    """Whether the proof leads to the heads of its sizes; False where one of them is not here."""
    roots = {head.size: bytes.fromhex(head.root) for head in heads}
    root, path = roots.get(proof.size), [bytes.fromhex(step) for step in proof.path]
    if root is None:
        return False
    if proof.line is not None:
        leaf = leaf_hash(encoded(proof.line))
        return root_by_path(leaf, int(proof.line[0]) - 1, proof.size, path) == root
    if proof.earlier is None or proof.earlier not in roots:
        return False
    return is_consistent(proof.earlier, roots[proof.earlier], proof.size, root, path)


def _size(present: int, size: int | None) -> int:
    if size is not None and not 1 <= size <= present:
        raise _no_such_size(size, present)
    return present if size is None else size


def _no_such_size(size: int, present: int) -> InputError:
    return InputError(
        "422.691",
        words("The log never had {size} lines.", size=size),
        words("Name a number from 1 to {size}.", size=present),
    )


def _hex(path: Sequence[bytes]) -> list[str]:
    return [step.hex() for step in path]
