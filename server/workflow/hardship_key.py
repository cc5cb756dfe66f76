"""Gives the hardship team its key: at set-up, at the first start of an older server, or a new one."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from fieldsync.ports import Randomness
from fieldsync.sync.sealing import HARDSHIP_SEAL_TAG
from server.context import ServerContext
from server.security.hardship_keys import make_key
from server.security.text_keys import sign_text
from server.store.audit import record
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.meta import hardship_seal, set_hardship_seal
from server.store.retrying import retried
from server.workflow.share_reference import news_for_all


def establish(
    conn: Connection,
    folder: Path,
    receipt: Ed25519PrivateKey,
    randomness: Randomness,
    passphrase: str | None,
) -> str:
    """Make the key in the folder and put its signed public half into the store; the public half."""
    public = make_key(folder, randomness, passphrase)
    set_hardship_seal(conn, {"key": public, "sig": sign_text(receipt, HARDSHIP_SEAL_TAG, public)})
    return public


@retried
def ensure_hardship_key(ctx: ServerContext) -> bool:
    """Make the key where a server of an older program has none; whether one was made."""
    with reading(ctx.engine) as conn:
        if hardship_seal(conn) is not None:
            return False
    with writing(ctx.engine) as conn:
        one_at_a_time(conn, "office")
        if hardship_seal(conn) is not None:
            return False
        _establish(ctx, conn, None, "server")
    return True


@retried
def replace_hardship_key(ctx: ServerContext, passphrase: str | None, by: str) -> str:
    """A new key for the team, told to every device; what was sealed before still needs the older one."""
    with writing(ctx.engine) as conn:
        one_at_a_time(conn, "office")
        public = _establish(ctx, conn, passphrase, by)
        publish(conn, news_for_all(ctx, conn), ctx.clock.now())
    return public


def _establish(ctx: ServerContext, conn: Connection, passphrase: str | None, by: str) -> str:
    public = establish(conn, ctx.config.keys, ctx.keys.receipt, ctx.randomness, passphrase)
    now = ctx.clock.now()
    record(conn, at=now, actor=by, action="hardship.key_made", subject=public)
    return public
