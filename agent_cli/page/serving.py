"""Serves the page on 127.0.0.1 in the caller's own thread until it has done its work, then a moment more."""

import logging
import selectors
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from agent_cli.actions.agree import Table
from agent_cli.actions.quote import Offer
from agent_cli.context import DeviceContext
from agent_cli.page.app import create_page
from agent_cli.page.sitting import Sitting
from fieldsync.domain.case import Case

if TYPE_CHECKING:
    from socket import socket

_HOST = "127.0.0.1"
# Nobody at the table for so long: whoever finds the tablet finds nothing.
IDLE_S = 1800
# The copy is still handed out for this long once the answer was given.
AFTER_S = 120
_TICK_S = 0.5


def serve(
    ctx: DeviceContext,
    case: Case,
    offer: Offer,
    table: Table,
    tell: Callable[[str], None],
    after_s: int = AFTER_S,
) -> Sitting:
    """The sitting as it ended; Ctrl-C closes the page, and what was signed stays signed."""
    sitting = Sitting(ctx, case, offer, table)
    # Addresses hold the link's secret: no request is written anywhere.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(_HOST, 0, create_page(sitting), request_handler=_Quiet)
    try:
        tell(f"http://{_HOST}:{server.server_port}/open/{sitting.link}")
        _answer(server, ctx, sitting, after_s)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return sitting


def _answer(server: BaseWSGIServer, ctx: DeviceContext, sitting: Sitting, after_s: int) -> None:
    """Answer one request after the other, in this thread, which alone may use the database.

    Browsers open connections ahead of need: one that says nothing must not keep the others waiting.
    """
    begun = ctx.clock.monotonic_ms()
    ended: int | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(server.socket, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select(_TICK_S):
                if key.fileobj is server.socket:
                    connection, address = server.get_request()
                    selector.register(connection, selectors.EVENT_READ, address)
                else:
                    selector.unregister(key.fileobj)
                    server.process_request(cast("socket", key.fileobj), key.data)
            now = ctx.clock.monotonic_ms()
            ended = now if sitting.ending is not None and ended is None else ended
            if ended is None and now - begun > IDLE_S * 1000:
                return
            if ended is not None and now - ended > after_s * 1000:
                return


class _Quiet(WSGIRequestHandler):
    """Keeps no connection: each answer frees the one thread for the next."""

    protocol_version = "HTTP/1.0"
