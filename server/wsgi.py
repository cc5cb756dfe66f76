"""For another WSGI server: `server.wsgi:make_app()` reads FIELDSYNC_SERVER_HOME like every command."""

from flask import Flask

from server.app import create_app
from server.context import open_server


def make_app() -> Flask:
    """The app over the server's folder that the environment names."""
    return create_app(open_server(None))
