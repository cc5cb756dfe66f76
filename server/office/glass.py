"""`/office/glass`: reach into another branch for an hour, in sight of everybody."""

from flask import Response, request

from fieldsync.errors import FieldsyncError
from server.api.context import server
from server.office.doors import keep_session, must_be_signed_in
from server.office.pages import done, office_blueprint, page, problem
from server.workflow.break_glass import alarms, branches, break_glass, mend
from server.workflow.office_work import nothing_there

blueprint = office_blueprint("office_glass", __name__)


@blueprint.get("/glass")
def show() -> Response:
    """What it does, and the form."""
    return _page(None)


def _page(error: FieldsyncError | None) -> Response:
    who = must_be_signed_in()
    own = [one for one in alarms(server()) if one.glass.account_id == who.account_id]
    return page(
        "glass.html",
        error.http_status if error else 200,
        branches=branches(server()),
        own=[one for one in own if one.is_open],
        problem=problem(error) if error else None,
    )


@blueprint.post("/glass")
def reach() -> Response:
    """Break it: the session gets another id, since it may do more from now on."""
    who, said = must_be_signed_in(), request.form
    try:
        token = break_glass(server(), who, said.get("branch", ""), said.get("reason", ""))
    except FieldsyncError as error:
        return _page(error)
    return keep_session(done("office_home.show", "glass_broken"), token)


@blueprint.post("/glass/<glass_id>/mend")
def give_back(glass_id: str) -> Response:
    """Give it back before the hour is over."""
    if not mend(server(), must_be_signed_in(), glass_id):
        raise nothing_there()
    return done("office_home.show", "glass_mended")
