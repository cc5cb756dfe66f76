"""Marks outside the folder how far a good exchange has come, so that an older or copied folder is noticed."""

import json

from agent_cli.actions.outgoing import RECEIPT
from agent_cli.context import DeviceContext
from agent_cli.install_mark import INSTALL, Doubt, write_mark
from agent_cli.store import meta
from agent_cli.store.database import writing


def mark_exchange(ctx: DeviceContext) -> None:
    """After an exchange in which both logs agreed; a copy that got so far is an installation of its own."""
    receipt = json.loads(meta.read(ctx.conn, RECEIPT) or "{}")
    known = None if ctx.doubt is Doubt.COPIED else meta.read(ctx.conn, INSTALL)
    install_id = known or ctx.new_id()
    told = write_mark(
        ctx.identity.device_id,
        install_id,
        receipt.get("head_seq", 0),
        receipt.get("head_hash", ""),
    )
    if told and known is None:
        with writing(ctx.conn) as conn:
            meta.write(conn, {INSTALL: install_id})
