"""`/office/past`: what two people decided, and who reached into which branch."""

from flask import Response

from fieldsync.locale.office_names import APPROVAL_STATES, APPROVALS
from server.api.context import server
from server.office.doors import must_be_signed_in
from server.office.pages import office_blueprint, page
from server.workflow.break_glass import past_glass
from server.workflow.four_eyes import past_approvals

blueprint = office_blueprint("office_past", __name__)


@blueprint.get("/past")
def show() -> Response:
    """The last hundred at the branches whose record one may see."""
    who = must_be_signed_in()
    found, broken = past_approvals(server(), who), past_glass(server(), who)
    return page(
        "past.html", approvals=found, broken=broken, kinds=APPROVALS, states=APPROVAL_STATES
    )
