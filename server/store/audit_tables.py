"""The table of the audit log's tree; the log's lines stand in `server.store.tables`."""

from sqlalchemy import Column, Integer, Table, Text

from server.store.dialect import Instant
from server.store.ledger import UNWATCHED
from server.store.tables import metadata

# One row: how many lines the tree has, the roots of its complete subtrees (hex, the largest first),
# and when its last line was written. Locked last of all, until the commit.
audit_tree = Table(
    "audit_tree",
    metadata,
    Column("tree_id", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("peaks", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    info=UNWATCHED,
)
