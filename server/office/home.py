"""`/office/`: what waits for me."""

from flask import Response, request

from fieldsync.errors import FieldsyncError
from fieldsync.locale.office_names import APPROVALS
from server.api.context import server
from server.office.doors import must_be_signed_in
from server.office.pages import done, office_blueprint, page, problem
from server.security.permissions import Action, may_anywhere
from server.workflow.four_eyes import grant, refuse, waiting_approvals
from server.workflow.office_work import (
    devices_seen,
    waiting_holds,
    waiting_records,
    waiting_reviews,
)

blueprint = office_blueprint("office_home", __name__)
_HERE = "office_home.show"


@blueprint.get("/")
def show() -> Response:
    """The counts, and what a second person is waited for."""
    return _page(None)


def _page(error: FieldsyncError | None) -> Response:
    who = must_be_signed_in()
    ctx = server()
    counts = [
        ("office_records.show", "records", len(waiting_records(ctx, who)), Action.CASES_SEE),
        ("office_holds.show", "holds", len(waiting_holds(ctx, who)), Action.LIFT_ASK),
        ("office_devices.show", "devices", len(devices_seen(ctx, who)), Action.DEVICE_ASK),
    ]
    return page(
        "home.html",
        error.http_status if error else 200,
        counts=[one for one in counts if may_anywhere(who.grants, one[3])],
        approvals=waiting_approvals(ctx, who),
        reviews=waiting_reviews(ctx, who),
        kinds=APPROVALS,
        problem=problem(error) if error else None,
    )


@blueprint.post("/approvals/<approval_id>")
def decide(approval_id: str) -> Response:
    """Grant, refuse or take back."""
    who = must_be_signed_in()
    try:
        if request.form.get("answer") == "grant":
            grant(server(), who, approval_id)
            return done(_HERE, "granted")
        refuse(server(), who, approval_id)
    except FieldsyncError as error:
        return _page(error)
    return done(_HERE, "refused")
