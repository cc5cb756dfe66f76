"""A signed message names the device that signed it, and no other."""

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.store.devices import Device


def check_sender(device: Device, named: str) -> None:
    """UnauthorisedError 403.45 where the message names another device than the one that signed."""
    if named != device.device_id:
        raise UnauthorisedError(
            "403.45", words("The request was signed by another device than it names.")
        )
