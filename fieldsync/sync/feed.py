"""The down direction: one compacted feed per agent, one live row per key.

Keys: `case:<case_id>`, `itinerary:<itinerary_id>`, `ruleset:<pack>`, `roster:<branch>`,
`op_result:<op_id>`, `server:seal`, `server:hardship_seal`, `visit:<visit_id>` (a colleague's visit under
way), `decision:<disclosure_id>` (what the hardship team decided), `replan:<itinerary_id>` (the order that
the partner chose for the day). A PUT carries the whole body; a REMOVE takes the row, its files and its search
entry off the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FeedOp(StrEnum):
    """What happens to the key."""

    PUT = "PUT"
    REMOVE = "REMOVE"


class KeyKind(StrEnum):
    """The first part of a feed key."""

    CASE = "case"
    ITINERARY = "itinerary"
    RULESET = "ruleset"
    ROSTER = "roster"
    OP_RESULT = "op_result"
    SERVER = "server"
    VISIT = "visit"
    DECISION = "decision"
    REPLAN = "replan"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One change as an agent's device sees it; `version` grows with every change of the key's body."""

    key: str
    op: FeedOp
    version: int
    body: Mapping[str, Any] | None = None


def feed_key(kind: KeyKind, name: str) -> str:
    """The key of a thing of this kind."""
    return f"{kind}:{name}"


def split_key(key: str) -> tuple[str, str]:
    """The kind and the name; a newer server may send kinds that `KeyKind` does not know."""
    kind, _, name = key.partition(":")
    return kind, name
