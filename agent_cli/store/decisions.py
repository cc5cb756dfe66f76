"""What the hardship team answered to this officer's disclosures, as plain JSON: `today` reads it too."""

import json
from collections.abc import Mapping
from typing import Any

from agent_cli.cipher import sqlite3


def decisions(conn: sqlite3.Connection) -> tuple[Mapping[str, Any], ...]:
    """Every answer (a domain HardshipDecision as JSON), the newest first."""
    rows = conn.execute(
        "SELECT body FROM mirror WHERE kind = 'decision'"
        " ORDER BY json_extract(body, '$.decided_at') DESC, key"
    )
    return tuple(json.loads(row["body"]) for row in rows)
