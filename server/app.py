"""Makes the Flask app: the one place where routes, limits and error answers are wired together."""

from flask import Flask

from server.api import (
    blobs,
    certificate,
    compression,
    enrol,
    files,
    heads,
    health,
    openapi,
    problems,
    protocol,
    quarantine,
    repair,
    sync,
)
from server.api.context import CONTEXT_KEY
from server.context import ServerContext
from server.office import verification


def create_app(ctx: ServerContext) -> Flask:
    """The app over an opened server; every worker process makes its own."""
    app = Flask("server", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions[CONTEXT_KEY] = ctx
    for part in (
        health,
        openapi,
        enrol,
        sync,
        repair,
        quarantine,
        certificate,
        blobs,
        files,
        verification,
    ):
        app.register_blueprint(part.blueprint)
    app.before_request(protocol.check_protocol)
    app.after_request(compression.compress)
    app.after_request(heads.Rhythm().publish)
    problems.register(app)
    return app
