"""Who this device is: its id, its officer and its server, as enrolment stored them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a plain value of the domain, but `today` asks only for the id
    from fieldsync.domain.officer import Officer


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of an enrolment; `server_key` is the receipt key (base64url, Ed25519 public)."""

    device_id: str
    officer_id: str
    officer_name: str
    branch: str
    server_url: str
    server_key: str
    epoch: str
    training: bool

    @property
    def officer(self) -> "Officer":
        """The officer whose device this is."""
        from fieldsync.domain.officer import Officer

        return Officer(self.officer_id, self.officer_name, self.branch)


def to_meta(identity: Identity) -> dict[str, str]:
    """As it is kept in `meta`."""
    return {"identity": json.dumps(asdict(identity), ensure_ascii=False)}


def of_meta(facts: Mapping[str, str]) -> Identity | None:
    """What `meta` holds, or None on a device that was never enrolled."""
    text = facts.get("identity")
    return None if text is None else Identity(**json.loads(text))
