"""Shuts out a device that was lost or whose officer left: nothing that it signs from now on counts."""

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, NotFoundError, UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.devices import Device, ids_of_devices, load_device, revoke_from
from server.store.engine import writing
from server.store.retrying import retried
from server.workflow.signed_decision import signed

_SHORTEST_END = 6
_SHOWN = 10


@retried
def revoke(ctx: ServerContext, device_id: str, *, reason: str, by: str) -> Device:
    """Revoke a device (its id or the end of it) from the record after the last one that is stored.

    What it sent before stays as it is. NotFoundError 404.45 where there is none, ConflictError
    409.55 where it is revoked already, 409.56 where several ids end so; InputError as in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        device = _find(conn, device_id)
        if device.revoked_from_seq is not None:
            raise ConflictError(
                "409.55",
                words("Device {device_id} is revoked already.", device_id=device.device_id),
                words("Nothing was changed."),
            )
        from_seq = device.head.seq + 1
        revoke_from(conn, device.device_id, from_seq)
        detail = {"from_seq": from_seq, "reason": why}
        record(
            conn,
            at=now,
            actor=who,
            action="device.revoked",
            subject=device.device_id,
            detail=detail,
        )
    return device


def shut_out() -> UnauthorisedError:
    """What a device that was shut out is told; what it recorded may still be handed over."""
    return UnauthorisedError(
        "403.46",
        words("This device was revoked."),
        words(
            "Nothing it recorded is lost: sync puts it into quarantine, where the office decides."
            " Enrol a device again."
        ),
    )


def _find(conn: Connection, device_id: str) -> Device:
    exact = load_device(conn, device_id, lock=True)
    if exact is not None:
        return exact
    known = ids_of_devices(conn)
    ends = [i for i in known if len(device_id) >= _SHORTEST_END and i.endswith(device_id)]
    if len(ends) > 1:
        raise ConflictError(
            "409.56",
            words("{count} devices end in {device_id}.", count=len(ends), device_id=device_id),
            words("Give the whole id."),
        )
    found = load_device(conn, ends[0], lock=True) if ends else None
    if found is None:
        shown = [f"{one} ({officer})" for one, officer in list(known.items())[:_SHOWN]]
        raise NotFoundError(
            "404.45",
            words("There is no device {device_id}.", device_id=device_id),
            words("The newest devices: {devices}.", devices=", ".join(shown) or "-"),
        )
    return found
