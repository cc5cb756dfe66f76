"""What this officer may offer: the mandate that the server signed, checked with the network off."""

import json

import msgspec

from agent_cli.actions.trust import is_signed, trusted_key
from agent_cli.context import DeviceContext
from agent_cli.store import mirror
from fieldsync.agreements.mandate import (
    HOUSE_MANDATE,
    MANDATE_NAME,
    Mandate,
    frozen,
    read_mandate,
)
from fieldsync.conduct.moratorium import is_frozen
from fieldsync.domain.case import Case
from fieldsync.errors import ConflictError
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.words import words

_KEY = feed_key(KeyKind.SERVER, MANDATE_NAME)


def mandate_for(ctx: DeviceContext, case: Case) -> Mandate:
    """What may be offered on this case today: nothing that costs while a moratorium runs.

    A server of an older program signs no mandate: the one that ships holds then. ConflictError
    409.651 where the server's word is not its own.
    """
    mandate = _signed_mandate(ctx)
    return frozen(mandate) if is_frozen(case, ctx.clock.now()) else mandate


def _signed_mandate(ctx: DeviceContext) -> Mandate:
    body = json.loads(mirror.body(ctx.conn, _KEY) or "null")
    if body is None:
        return HOUSE_MANDATE
    if is_signed(trusted_key(ctx), FeedRow(_KEY, FeedOp.PUT, 0, body)):
        try:
            return read_mandate(str(body["text"]))
        except msgspec.ValidationError:
            pass
    raise ConflictError(
        "409.651",
        words("The mandate on this device is not the server's own word."),
        words("Nothing was recorded. Sync; where it stays so, tell the office."),
    )
