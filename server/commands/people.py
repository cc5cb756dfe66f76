"""The names of the people behind records: borrowers by case, officers by id."""

from collections.abc import Sequence

from server.commands.reads import looks_at
from server.context import ServerContext
from server.store.cases import load_bank_parts
from server.store.engine import reading
from server.store.operations import StoredOperation
from server.store.pairs import officer_names
from server.store.quarantine import QuarantinedRecord


def names_behind(
    ctx: ServerContext, found: Sequence[StoredOperation | QuarantinedRecord]
) -> tuple[dict[str, str], dict[str, str]]:
    """Borrowers by case id and officers by id, for these operations."""
    case_ids = sorted({stored.operation.case_id for stored in found if stored.operation.case_id})
    looks_at(ctx, "review", *case_ids)
    with reading(ctx.engine) as conn:
        borrowers = {
            case_id: case.borrower.name for case_id, case in load_bank_parts(conn, case_ids).items()
        }
        return borrowers, officer_names(conn)
