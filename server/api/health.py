"""`GET /healthz`: whether this server answers and its store does."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from fieldsync import __version__
from server.api.context import server
from server.store.engine import is_reachable

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Alive; 503.1 where the store is not (by the error answers)."""
    is_reachable(server().engine)
    return {"status": "ok", "version": __version__}
