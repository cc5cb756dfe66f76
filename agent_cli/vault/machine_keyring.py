"""The secret that this user's keyring holds for a device: Windows' and macOS' own, or the Secret Service.

On a machine without one there is none, which is said where the passphrase is chosen.
"""

import base64
import binascii
from contextlib import suppress

from fieldsync.errors import LocalCopyError
from fieldsync.words import words

_SERVICE = "fieldsync"


def is_there() -> bool:
    """Whether this user has a keyring that can be written."""
    import keyring
    from keyring.backends import fail, null

    return not isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring)


def keep(name: str, secret: bytes) -> bool:
    """Whether the keyring has it now; False where there is no keyring or it refuses."""
    import keyring
    from keyring.errors import KeyringError

    if not is_there():
        return False
    try:
        keyring.set_password(_SERVICE, name, base64.b64encode(secret).decode("ascii"))
    except (KeyringError, OSError):
        return False
    return fetch(name) == secret


def fetch(name: str) -> bytes | None:
    """The secret; None where it is not there. LocalCopyError 602.71 where the keyring is locked itself."""
    import keyring
    from keyring.errors import KeyringError

    try:
        told = keyring.get_password(_SERVICE, name)
        return None if told is None else base64.b64decode(told)
    except (KeyringError, OSError, binascii.Error) as error:
        raise LocalCopyError(
            "602.71",
            words("This machine's keyring does not answer."),
            words("Sign in on the desktop, or unlock the keyring, and try again."),
        ) from error


def forget(name: str) -> None:
    """Delete the secret; nothing where it is not there."""
    import keyring
    from keyring.errors import KeyringError

    with suppress(KeyringError, OSError):
        keyring.delete_password(_SERVICE, name)
