"""Who stands at the door: officers prove it with a secret, offline; wrong ones are counted and slowed down."""

from collections.abc import Mapping
from pathlib import Path

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.store import check_in as store
from agent_cli.store.check_in import Tries
from agent_cli.store.database import writing
from fieldsync.adapters.check_in_secrets import SALT_BYTES, Signer, make_key, signer_of
from fieldsync.domain.check_in import CheckInKey, doubtful_secret, plain_secret, wait_after
from fieldsync.domain.codec import to_builtins
from fieldsync.errors import ConflictError, InputError, UnauthorisedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import words


def set_secret(ctx: DeviceContext, typed: str, old: str | None = None) -> CheckInKey:
    """Record the key of this officer's new secret; the secret itself is kept nowhere.

    `old` is the secret so far, needed where this device knows its key: a device left open for a minute
    must not give somebody else an officer's name. InputError 600.25 for a secret that is easy to guess
    and 600.30 without the old one, UnauthorisedError 600.23 or 600.24 for a wrong one.
    """
    secret, own = plain_secret(typed), ctx.identity.officer_id
    doubt = doubtful_secret(secret, own)
    if doubt is not None:
        raise InputError(
            "600.25", doubt, words("Take a sentence that only you would say, or four random words.")
        )
    if has_key(ctx, own):
        if old is None:
            raise old_one_missing()
        unlock(ctx, own, old)
    key = make_key(own, secret, ctx.randomness.token(SALT_BYTES))
    with writing(ctx.conn) as conn:
        record_operation(ctx, conn, OperationKind.CHECK_IN_KEY, None, to_builtins(key))
        store.keep_tries(conn, own, None)
    return key


def unlock(ctx: DeviceContext, officer_id: str, secret: str) -> Signer:
    """What signs as this officer; wrong tries before it stay counted until they are recorded.

    ConflictError 600.22 without a key, UnauthorisedError 600.23 for a wrong secret and 600.24 where too
    many were wrong just now.
    """
    key = store.key_of(ctx.conn, officer_id)
    if key is None:
        raise _without_key(ctx, officer_id)
    _refuse_haste(ctx, officer_id)
    signer = signer_of(key, secret)
    if signer is None:
        raise _wrong(ctx, officer_id)
    return signer


def has_key(ctx: DeviceContext, officer_id: str) -> bool:
    """Whether this device knows a key of the officer."""
    return store.key_of(ctx.conn, officer_id) is not None


def old_one_missing() -> InputError:
    """The error where a secret would be changed by somebody who did not give the old one."""
    return InputError(
        "600.30",
        words("Whoever changes a secret gives the old one first."),
        words(
            "Run it on a terminal, or add --old-file FILE. Forgotten? Enrol the device anew with a code"
            " from the office and set a secret before its first sync."
        ),
    )


def require_key(ctx: DeviceContext, officer_id: str) -> None:
    """ConflictError 600.22 where the officer has set no secret that this device knows."""
    if not has_key(ctx, officer_id):
        raise _without_key(ctx, officer_id)


def wrong_secrets(ctx: DeviceContext, officers: tuple[str, ...]) -> dict[str, int]:
    """How often a wrong secret was tried in a row, by officer."""
    found = {officer: store.tries_of(ctx.conn, officer) for officer in officers}
    return {officer: tries.count for officer, tries in found.items() if tries is not None}


def read_secrets(path: Path) -> Mapping[str, str]:
    """A file with one line an officer: the id, a space, the secret. InputError 600.26 for any other."""
    found = {}
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        officer, _space, secret = line.strip().partition(" ")
        if not secret.strip():
            raise InputError(
                "600.26",
                words("Line {number} of {file} has no secret.", number=number, file=path.name),
                words("Write one line an officer: the id, a space, the secret."),
            )
        found[officer] = secret.strip()
    return found


def text_of(path: Path) -> str:
    """A file of secrets as text; InputError 600.26 where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "600.26",
            words("{file} is not a text file in UTF-8.", file=path.name),
            words("Save it as UTF-8."),
        ) from None


def _without_key(ctx: DeviceContext, officer_id: str) -> ConflictError:
    """The way out differs: one's own secret is set here, a colleague's on theirs."""
    hint = (
        words("Set it with `fieldsync secret set`.")
        if officer_id == ctx.identity.officer_id
        else words("They run `fieldsync secret set` on their device; then both of you sync.")
    )
    return ConflictError(
        "600.22",
        words("Officer {officer} has no check-in secret on this device.", officer=officer_id),
        hint,
    )


def _refuse_haste(ctx: DeviceContext, officer_id: str) -> None:
    tries = store.tries_of(ctx.conn, officer_id)
    left_s = 0 if tries is None else wait_after(tries.count) - _passed_s(ctx, tries)
    if left_s > 0:
        raise UnauthorisedError(
            "600.24",
            words("Too many wrong secrets of {officer}.", officer=officer_id),
            words("Try again in {seconds} seconds.", seconds=left_s),
        )


def _passed_s(ctx: DeviceContext, tries: Tries) -> int:
    """Seconds since the last try, by the clock that cannot be set; the wall clock only after a restart."""
    if tries.boot_id == ctx.clock.boot_id():
        return (ctx.clock.monotonic_ms() - tries.monotonic_ms) // 1000
    return max(0, int((ctx.clock.now() - tries.at).total_seconds()))


def _wrong(ctx: DeviceContext, officer_id: str) -> UnauthorisedError:
    before = store.tries_of(ctx.conn, officer_id)
    count = 1 if before is None else before.count + 1
    clock = ctx.clock
    with writing(ctx.conn) as conn:
        tried = Tries(count, clock.now(), clock.monotonic_ms(), clock.boot_id())
        store.keep_tries(conn, officer_id, tried)
    return UnauthorisedError(
        "600.23",
        words("This is not the secret of {officer}.", officer=officer_id),
        words("Wrong tries in a row: {count}. They are kept.", count=count),
    )
