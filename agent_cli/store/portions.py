"""How much of each sort the line lets through at once, remembered from command to command."""

import json
from dataclasses import asdict

from agent_cli.cipher import sqlite3
from agent_cli.store import meta
from agent_cli.store.database import writing
from fieldsync.sync.portion import Portion


def last_portion(conn: sqlite3.Connection, sort: str) -> Portion | None:
    """What was found out last; None where the line has never broken."""
    told = meta.read(conn, _name(sort))
    return Portion(**json.loads(told)) if told else None


def note_portion(conn: sqlite3.Connection, sort: str, portion: Portion) -> None:
    """Keep it, over the last one."""
    with writing(conn):
        meta.write(conn, {_name(sort): json.dumps(asdict(portion))})


def _name(sort: str) -> str:
    return f"portion:{sort}"
