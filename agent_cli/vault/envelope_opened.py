"""Opens, makes and renews the envelope of a device; imported only where a passphrase was typed."""

from pathlib import Path

from nacl.utils import random

from agent_cli.vault import envelope, machine_keyring
from agent_cli.vault.device_keys import KEY_BYTES, DeviceKeys, fresh_keys, of_text, to_text
from agent_cli.vault.vault_file import (
    Tries,
    has_vault,
    read_tries,
    read_vault,
    write_tries,
    write_vault,
)
from fieldsync.errors import InputError, LocalCopyError, UnauthorisedError
from fieldsync.words import words

# A third of a second on a laptop.
COST = envelope.Cost()
_SECRET_BYTES = 32
_NAME_BYTES = 12


def open_envelope(home: Path, passphrase: str, now: float) -> DeviceKeys:
    """The keys. UnauthorisedError 401.70 for a wrong passphrase, 401.71 too soon after wrong ones.

    LocalCopyError 602.72 where the vault is damaged, 602.73 where the keyring's secret is gone, 602.75
    where there is too little memory.
    """
    facts = read_vault(home)
    if facts is None:
        raise _damaged(home)
    try:
        sealed = envelope.of_json(facts["envelope"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(home) from error
    secret = machine_keyring.fetch(str(facts["name"])) if sealed.bound else None
    if sealed.bound and secret is None:
        raise _moved()
    return _tried(home, sealed, passphrase, secret, now)


def _tried(
    home: Path, sealed: envelope.Envelope, passphrase: str, secret: bytes | None, now: float
) -> DeviceKeys:
    tries = read_tries(home)
    wait_s = tries.wait_s(now)
    if wait_s:
        raise UnauthorisedError(
            "401.71",
            words("Wait {seconds} seconds before the next try.", seconds=wait_s),
            words("Nothing is lost, however often it is mistyped."),
        )
    write_tries(home, Tries(tries.count + 1, now))
    try:
        content = envelope.unwrap(sealed, passphrase, secret)
    except MemoryError as error:
        write_tries(home, tries if tries.count else None)
        raise _no_memory() from error
    if content is None:
        raise UnauthorisedError(
            "401.70",
            words("This is not the passphrase of this device."),
            words("After five wrong tries each one waits longer. Nothing is lost."),
        )
    write_tries(home, None)
    try:
        return of_text(content)
    except ValueError as error:
        raise _damaged(home) from error


def fresh() -> DeviceKeys:
    """Random keys for a device that has none."""
    return fresh_keys(random(2 * KEY_BYTES))


def make_vault(home: Path, passphrase: str) -> DeviceKeys:
    """Fresh keys in a fresh envelope; InputError 600.81 for a passphrase that is too short."""
    keys = fresh()
    wrap(home, keys, passphrase)
    return keys


def wrap(home: Path, keys: DeviceKeys, passphrase: str, *, converting: bool = False) -> None:
    """Put keys into a new envelope, under a new secret of the keyring; an old one opens until it is there.

    InputError 600.81 for a passphrase that is too short.
    """
    check_strong(passphrase)
    old = read_vault(home) if has_vault(home) else None
    secret, name = random(_SECRET_BYTES), random(_NAME_BYTES).hex()
    bound = machine_keyring.keep(name, secret)
    token = random(envelope.SALT_BYTES + envelope.NONCE_BYTES)
    sealed = envelope.wrap(to_text(keys), passphrase, secret if bound else None, token, COST)
    write_vault(home, envelope.to_json(sealed), name, converting=converting)
    if old is not None and old["envelope"].get("bound"):
        machine_keyring.forget(str(old["name"]))


def check_strong(passphrase: str) -> None:
    """InputError 600.81 where it is too short for this machine."""
    bound = machine_keyring.is_there()
    if envelope.is_strong(passphrase, bound=bound):
        return
    if bound:
        raise InputError(
            "600.81",
            words(
                "A passphrase or PIN has {least} characters at the least.",
                least=envelope.LEAST_WITH_KEYRING,
            ),
        )
    raise InputError(
        "600.81",
        words(
            "This machine has no keyring, so the passphrase alone protects the device:"
            " {least} characters at the least.",
            least=envelope.LEAST_ALONE,
        ),
        words("Four random words are good."),
    )


def _damaged(home: Path) -> LocalCopyError:
    return LocalCopyError(
        "602.72",
        words("The device's vault in {home} is damaged.", home=str(home)),
        words(
            "Nothing was changed. Put back `vault.json` from a copy of the folder, or enrol this"
            " device again: `fieldsync enroll URL --again --force`."
        ),
    )


def _no_memory() -> LocalCopyError:
    return LocalCopyError(
        "602.75",
        words("This machine has too little free memory to open the device."),
        words("Nothing was changed. Close other programs and try again."),
    )


def _moved() -> LocalCopyError:
    return LocalCopyError(
        "602.73",
        words("The keyring of this machine has no secret for this device."),
        words(
            "A copied folder opens only where it was made. On that machine sign in as its user; if"
            " the keyring is gone, enrol this device again."
        ),
    )
