"""Makes the Flask app: the one place where routes, limits and error answers are wired together."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server.api import (
    blobs,
    certificate,
    compression,
    enrol,
    files,
    headers,
    heads,
    health,
    openapi,
    pace,
    problems,
    protocol,
    quarantine,
    repair,
    sync,
)
from server.api.context import CONTEXT_KEY
from server.context import ServerContext
from server.office import (
    account,
    devices,
    first,
    glass,
    holds,
    home,
    past,
    records,
    sign_in,
    style,
    verification,
)


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
        style,
        sign_in,
        first,
        home,
        records,
        holds,
        devices,
        glass,
        past,
        account,
    ):
        app.register_blueprint(part.blueprint)
    app.before_request(protocol.check_protocol)
    app.before_request(pace.check_pace)
    app.after_request(headers.guard_every_answer)
    app.after_request(compression.compress)
    app.after_request(heads.Rhythm().publish)
    problems.register(app)
    if ctx.config.office.proxies:
        # Only the address is taken from them: a request's own target stays what was signed.
        by = ProxyFix(app.wsgi_app, ctx.config.office.proxies, 0, 0, 0, 0)
        app.wsgi_app = by  # type: ignore[method-assign]  # as Flask's own documentation does
    return app
