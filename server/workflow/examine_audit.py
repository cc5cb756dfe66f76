"""Whether the audit log looks whole at a glance, and its heads are published; `audit verify` looks at all."""

from sqlalchemy import func, select

from fieldsync.domain.check import Check, Level
from fieldsync.sync.merkle import root_of
from fieldsync.words import words
from server.context import ServerContext
from server.security.tree_heads import last_head
from server.store.audit_tree import leaves_until, load_tree
from server.store.engine import reading
from server.store.tables import audit

_VERIFY = words("Run `fieldsync-server audit verify`.")


def check_audit(ctx: ServerContext) -> Check:
    """The log's length, its tree, and the last published head."""
    published = last_head(ctx.config.heads)
    with reading(ctx.engine) as conn:
        frontier = load_tree(conn).frontier
        count, last = conn.execute(select(func.count(), func.max(audit.c.n))).one()
        leaves = leaves_until(conn, published.size) if published is not None else []
    if not count == (last or 0) == frontier.size or not frontier.is_sound:
        told = words(
            "The audit log has {count} lines, its tree {size}.", count=count, size=frontier.size
        )
        return Check("audit", Level.FAIL, told, _VERIFY)
    if published is not None and root_of(leaves).hex() != published.root:
        told = words(
            "The audit log is not the one whose head was published at {at}.", at=published.at
        )
        return Check("audit", Level.FAIL, told, _VERIFY)
    if published is None and count:
        return Check(
            "audit",
            Level.WARN,
            words("No head of the audit log was published."),
            words("Let the server write {path}.", path=str(ctx.config.heads)),
        )
    return Check(
        "audit", Level.OK, words("The audit log's {count} lines are under its tree.", count=count)
    )
