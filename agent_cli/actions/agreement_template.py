"""The bank's own template of the agreement, as the server signed it; the shipped one where it has none."""

import json

from agent_cli.actions.trust import is_signed, trusted_key
from agent_cli.context import DeviceContext
from agent_cli.store import mirror
from fieldsync.agreements.template_fields import require_fields
from fieldsync.sync.certificates import TEMPLATE_NAME
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key

_KEY = feed_key(KeyKind.SERVER, TEMPLATE_NAME)


def own_template(ctx: DeviceContext) -> str | None:
    """Its text; None for the shipped one, also where the row is not signed by our server.

    InputError 422.613 where it leaves out what an agreement must state.
    """
    body = json.loads(mirror.body(ctx.conn, _KEY) or "null")
    if body is None or not is_signed(trusted_key(ctx), FeedRow(_KEY, FeedOp.PUT, 0, body)):
        return None
    text = str(body["text"])
    if not text:
        return None
    require_fields(text, TEMPLATE_NAME)
    return text
