"""A case leaves the device: its overlay, search entry, files and settled records' contents go with it.

Records the server has not settled stay whole, so that nothing recorded is ever lost (G1, G5).
"""

import sqlite3

from agent_cli.store import search

# What the server has answered for good; only these may lose their content.
_SETTLED = "state IN ('accepted', 'rejected')"


def forget_case(conn: sqlite3.Connection, case_id: str) -> tuple[str, ...]:
    """Remove what the device holds of a case, in the caller's transaction.

    Returns the SHA-256 of files that no record needs any more: the caller deletes them after commit.
    """
    search.forget(conn, case_id)
    settled = f"SELECT op_id FROM journal WHERE case_id = ? AND {_SETTLED}"  # noqa: S608 - our own constant
    for table in ("visits", "local_holds", "agreements"):
        conn.execute(
            f"DELETE FROM {table} WHERE case_id = ? AND op_id IN ({settled})",  # noqa: S608 - our own names
            (case_id, case_id),
        )
    files = conn.execute(
        f"SELECT DISTINCT sha256 FROM journal_files WHERE op_id IN ({settled})",  # noqa: S608 - our own constant
        (case_id,),
    ).fetchall()
    conn.execute(f"DELETE FROM journal_files WHERE op_id IN ({settled})", (case_id,))  # noqa: S608 - our own constant
    conn.execute(f"UPDATE journal SET body = '' WHERE case_id = ? AND {_SETTLED}", (case_id,))  # noqa: S608 - our own constant
    still = {r["sha256"] for r in conn.execute("SELECT DISTINCT sha256 FROM journal_files")}
    return tuple(row["sha256"] for row in files if row["sha256"] not in still)


def drop_covered(conn: sqlite3.Connection) -> None:
    """Drop overlay entries the server's rows now speak for; call when a complete pull is applied.

    A hold shows from the moment it was recorded until the operation is decided: an accepted one is
    in the server's row of the case from then on (and may be lifted there), a rejected one is void.
    """
    conn.execute(
        f"DELETE FROM local_holds WHERE op_id IN (SELECT op_id FROM journal WHERE {_SETTLED})"  # noqa: S608 - our own constant
    )
    conn.execute(
        "DELETE FROM revisions WHERE base_version < coalesce((SELECT version FROM mirror"
        " WHERE key = 'itinerary:' || revisions.itinerary_id), 0)"
    )
