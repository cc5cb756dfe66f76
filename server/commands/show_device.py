"""Shows an enrolled device to a person in the office."""

from collections import Counter
from datetime import datetime

from fieldsync.conduct.local_time import local
from fieldsync.errors import NotFoundError
from fieldsync.locale import _, render
from fieldsync.terminal.output import labelled, say, say_json
from fieldsync.words import words
from server.commands.show_operation import OUTCOMES
from server.context import ServerContext
from server.store.devices import load_device
from server.store.engine import reading
from server.store.operations import find_operations
from server.store.pairs import zone_of_branch
from server.store.quarantine import count_waiting


def show_device(ctx: ServerContext, device_id: str, *, as_json: bool) -> None:
    """Whose it is, how far its log is stored and where its records stand; NotFoundError 404.45."""
    with reading(ctx.engine) as conn:
        device = load_device(conn, device_id)
        if device is None:
            raise NotFoundError(
                "404.45", words("There is no device {device_id}.", device_id=device_id)
            )
        zone = zone_of_branch(conn, device.officer.branch)
        apart = count_waiting(conn, device_id)
        states = Counter(o.outcome.kind for o in find_operations(conn, device_id=device_id))
    seen = device.last_seen_at
    if as_json:
        say_json(
            {
                "device_id": device.device_id,
                "name": device.name,
                "officer_id": device.officer.officer_id,
                "branch": device.officer.branch,
                "enrolled_at": device.enrolled_at.isoformat(),
                "last_seen_at": seen.isoformat() if seen else None,
                "head_seq": device.head.seq,
                "head_hash": device.head.hash,
                "revoked": device.revoked_from_seq is not None,
                "quarantined": apart,
                "operations": {kind.value: states[kind] for kind in OUTCOMES},
            }
        )
        return
    facts = [
        (_("Device"), f"{device.device_id} ({device.name})"),
        (_("Officer"), f"{device.officer.name} ({device.officer.officer_id})"),
        (_("Enrolled"), _told(device.enrolled_at, zone)),
        (_("Last seen"), _told(seen, zone) if seen else "-"),
        (_("Records stored"), str(device.head.seq)),
        *([(_("State"), _("revoked"))] if device.revoked_from_seq is not None else []),
    ]
    facts += [(_("In quarantine"), str(apart))] if apart else []
    facts += [(render(OUTCOMES[kind]), str(n)) for kind, n in sorted(states.items())]
    say("\n".join(labelled(name, value) for name, value in facts))


def _told(instant: datetime, zone: str) -> str:
    """The instant by the branch's clock."""
    return local(instant, zone).isoformat(sep=" ", timespec="minutes")
