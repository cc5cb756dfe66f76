"""The server behind the running app."""

from flask import current_app

from server.context import ServerContext

CONTEXT_KEY = "fieldsync"


def server() -> ServerContext:
    """The context the app was made with."""
    found = current_app.extensions[CONTEXT_KEY]
    if not isinstance(found, ServerContext):
        raise TypeError("the app was made without create_app")
    return found
