"""The rule packs in force: each row as sent where it counts, or else the last good edition kept beside it.

The mirror holds every row as the server sent it, so that both sides count the same. Which of them do not
count stands in `meta`, each with the body that stays in force instead.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agent_cli.cipher import sqlite3
from agent_cli.store import meta
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.domain.codec import from_json, to_json
from fieldsync.errors import InputError
from fieldsync.sync.feed import KeyKind, split_key

_REFUSED = "packs_refused"


class Cause(StrEnum):
    """Why a pack that came does not count."""

    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pack that came and does not count; `kept` is the JSON of the row in force instead, if any.

    `asked_on` is the local day on which the row was last asked for again.
    """

    cause: Cause
    version: str
    kept: str | None
    asked_on: date | None = None

    @property
    def in_force(self) -> Ruleset | None:
        """The last good edition; None where there was none."""
        return None if self.kept is None else readable(self.kept)


def sent(conn: sqlite3.Connection) -> dict[str, str]:
    """The JSON of every pack's row as the server sent it, by the pack's name."""
    rows = conn.execute(
        "SELECT key, body FROM mirror WHERE kind = ? ORDER BY key", (KeyKind.RULESET.value,)
    )
    return {split_key(row["key"])[1]: row["body"] for row in rows}


def readable(text: str) -> Ruleset | None:
    """The pack in a row's JSON; None where this program cannot read it."""
    try:
        return parse_ruleset(str(json.loads(text)["toml"]))
    except (InputError, KeyError, TypeError, ValueError, RecursionError):
        return None


def version_told(text: str) -> str:
    """What the row calls its edition."""
    body = json.loads(text)
    return str(body.get("version", "-")) if isinstance(body, dict) else "-"


def noted(conn: sqlite3.Connection) -> dict[str, Refusal]:
    """What the last exchange refused, by the pack's name."""
    told = meta.read(conn, _REFUSED)
    return {} if told is None else from_json(told, dict[str, Refusal])


def note(conn: sqlite3.Connection, refusals: Mapping[str, Refusal]) -> None:
    """Keep what is refused now, in the transaction that brought the rows."""
    if refusals:
        meta.write(conn, {_REFUSED: to_json(dict(refusals))})
    else:
        meta.remove(conn, _REFUSED)


def refusals(conn: sqlite3.Connection) -> dict[str, Refusal]:
    """What does not count now, by name: a newer program may read what an older one could not."""
    known = noted(conn)
    found: dict[str, Refusal] = {}
    for name, text in sent(conn).items():
        refusal = known.get(name)
        if refusal is not None and refusal.cause is Cause.UNSIGNED:
            found[name] = refusal
        elif readable(text) is None:
            kept = None if refusal is None else refusal.kept
            found[name] = Refusal(Cause.UNREADABLE, version_told(text), kept)
    return found


def bodies_in_force(conn: sqlite3.Connection) -> dict[str, str]:
    """The JSON of the row in force of each pack that has one, by name."""
    refused = refusals(conn)
    bodies = {name: text for name, text in sent(conn).items() if name not in refused}
    return bodies | {name: r.kept for name, r in refused.items() if r.kept is not None}


def packs_in_force(conn: sqlite3.Connection) -> dict[str, Ruleset | None]:
    """Each pack the server named, in order; None where no good edition of it was ever here."""
    refused = noted(conn)
    packs: dict[str, Ruleset | None] = {}
    for name, text in sent(conn).items():
        refusal = refused.get(name)
        unsigned = refusal is not None and refusal.cause is Cause.UNSIGNED
        packs[name] = None if unsigned else readable(text)
        if packs[name] is None and refusal is not None:
            packs[name] = refusal.in_force
    return packs
