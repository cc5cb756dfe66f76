"""The server behind the running app."""

from flask import current_app

from server.context import ServerContext


def server() -> ServerContext:
    """The context the app was made with."""
    found = current_app.extensions["fieldsync"]
    if not isinstance(found, ServerContext):
        raise TypeError("the app was made without create_app")
    return found
