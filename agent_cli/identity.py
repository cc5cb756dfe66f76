"""Who this device is: its id, its officer and its server, as enrolment stored them."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.officer import Officer


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of an enrolment; `server_key` is the receipt key (base64url, Ed25519 public)."""

    device_id: str
    officer: Officer
    server_url: str
    server_key: str
    epoch: str
    training: bool


def to_meta(identity: Identity) -> dict[str, str]:
    """As it is kept in `meta`."""
    return {"identity": to_json(identity)}


def of_meta(facts: Mapping[str, str]) -> Identity | None:
    """What `meta` holds, or None on a device that was never enrolled."""
    text = facts.get("identity")
    return None if text is None else from_json(text, Identity)
