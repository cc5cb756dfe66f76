"""Passkeys, step by step: sign in with one, add one, take one away."""

from fieldsync.domain import base64url
from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.account_secrets import digest, fresh_token
from server.security.passkeys import (
    Passkey,
    Site,
    ask_new,
    ask_sign_in,
    check_new,
    check_sign_in,
    credential_of,
)
from server.store.account_passkeys import (
    StoredPasskey,
    add_passkey,
    drop_passkey,
    note_use,
    passkey_with_id,
    passkeys_of,
)
from server.store.accounts import account_with_id
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.office_sessions import add_step, use_step
from server.store.retrying import retried
from server.workflow.first_sign_in import step_over
from server.workflow.office_sessions import IDLE, SignedIn, Visitor, begin
from server.workflow.sign_in import Welcome
from server.workflow.sign_in_limits import new_mark

_SIGN_IN, _NEW = "passkey", "new passkey"
_CHALLENGE_BYTES = 32
_MOST_NAME = 40


def begin_sign_in(ctx: ServerContext, site: Site) -> tuple[str, str]:
    """What the browser is asked (JSON), and the id of this step; it tells of no account."""
    challenge = ctx.randomness.token(_CHALLENGE_BYTES)
    return ask_sign_in(site, challenge), _keep(ctx, _SIGN_IN, challenge, "")


def finish_sign_in(
    ctx: ServerContext, site: Site, step: str, answer: str, visitor: Visitor
) -> Welcome:
    """Sign in; UnauthorisedError 403.904 where the answer does not hold, 403.905 where the step is over."""
    challenge, _owner = _taken(ctx, _SIGN_IN, step)
    return _signed_in(ctx, site, (challenge, answer), visitor)


@retried
def _signed_in(
    ctx: ServerContext, site: Site, answered: tuple[bytes, str], visitor: Visitor
) -> Welcome:
    challenge, answer = answered
    now, credential = ctx.clock.now(), credential_of(answer)
    with writing(ctx.engine) as conn:
        stored = passkey_with_id(conn, credential)
        account = account_with_id(conn, stored.account_id) if stored else None
        if stored is None or account is None or not account.is_active:
            raise unknown_passkey()
        known = Passkey(stored.credential_id, stored.public_key, stored.sign_count)
        count = check_sign_in(site, answer, challenge, known)
        note_use(conn, stored.credential_id, count, now)
        token = begin(ctx, conn, account.account_id, "passkey", visitor)
    return Welcome(token, new_mark(ctx, account.login), account.account_id)


def begin_new(ctx: ServerContext, site: Site, who: SignedIn) -> tuple[str, str]:
    """What the browser is asked to make a passkey (JSON), and the id of this step.

    UnauthorisedError 403.906 where the sign-in was too long ago.
    """
    check_fresh(ctx, who)
    challenge = ctx.randomness.token(_CHALLENGE_BYTES)
    known = [one.credential_id for one in passkeys_for(ctx, who)]
    asked = ask_new(site, who.account_id, who.account.login, known, challenge)
    return asked, _keep(ctx, _NEW, challenge, who.account_id)


def finish_new(
    ctx: ServerContext, site: Site, who: SignedIn, step: str, answer: tuple[str, str]
) -> None:
    """Keep the passkey that was made under a name; `answer` is the browser's and that name."""
    said, name = answer
    challenge, owner = _taken(ctx, _NEW, step)
    if owner != who.account_id:
        raise step_over()
    made = check_new(site, said, challenge)
    _add(ctx, who, made, name.strip()[:_MOST_NAME])


@retried
def _add(ctx: ServerContext, who: SignedIn, made: Passkey, name: str) -> None:
    now = ctx.clock.now()
    label = name or f"{now:%Y-%m-%d}"
    with writing(ctx.engine) as conn:
        add_passkey(
            conn,
            StoredPasskey(
                made.credential_id, who.account_id, made.public_key, made.sign_count, label, now
            ),
        )
        record(
            conn, at=now, actor=who.signs_as, action="account.passkey_added", subject=who.account_id
        )


@retried
def remove(ctx: ServerContext, who: SignedIn, credential_id: str) -> bool:
    """Take one of their own passkeys away; False where it is none of theirs."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        gone = drop_passkey(conn, who.account_id, credential_id)
        if gone:
            action = "account.passkey_removed"
            record(conn, at=now, actor=who.signs_as, action=action, subject=who.account_id)
    return gone


def passkeys_for(ctx: ServerContext, who: SignedIn) -> list[StoredPasskey]:
    """Their passkeys, the oldest first."""
    with reading(ctx.engine) as conn:
        return passkeys_of(conn, who.account_id)


def check_fresh(ctx: ServerContext, who: SignedIn) -> None:
    """UnauthorisedError 403.906 where the sign-in was too long ago for what keeps a thief in."""
    if not who.is_fresh(ctx.clock.now()):
        raise UnauthorisedError(
            "403.906",
            words("For this you need to have signed in just now."),
            words("Sign out and in again; then you have ten minutes."),
        )


def unknown_passkey() -> UnauthorisedError:
    """What is said of a passkey that is nobody's, or of somebody who may not sign in."""
    return UnauthorisedError(
        "403.907",
        words("This passkey is not known here."),
        words("Sign in with your password, and add the passkey on the page of your account."),
    )


@retried
def _keep(ctx: ServerContext, kind: str, challenge: bytes, owner: str) -> str:
    token = fresh_token(ctx.randomness)
    body = {"challenge": base64url.encode(challenge), "owner": owner}
    with writing(ctx.engine) as conn:
        add_step(conn, digest(token), kind, body, at=ctx.clock.now(), lasts=IDLE)
    return token


@retried
def _taken(ctx: ServerContext, kind: str, step: str) -> tuple[bytes, str]:
    """The challenge and its owner, used up whatever the answer is worth."""
    with writing(ctx.engine) as conn:
        body = use_step(conn, digest(step), kind, ctx.clock.now())
    if body is None:
        raise step_over()
    return base64url.decode(body["challenge"]), body["owner"]
