"""Publishes the audit log's head while the server serves, once a minute at most in each of its processes."""

from datetime import datetime, timedelta

from flask import Response

from server.api.context import server

_EVERY = timedelta(minutes=1)


class Rhythm:
    """When this process publishes next."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def publish(self, response: Response) -> Response:
        """After a request: publish where it is time; the answer stays as it is."""
        ctx = server()
        now = ctx.clock.now()
        if self._next is None or now >= self._next:
            self._next = now + _EVERY
            ctx.publish_head()
        return response
