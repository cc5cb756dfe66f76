"""`/office/holds`: stops on collection; lifting one takes two people."""

from flask import Response, request

from fieldsync.errors import FieldsyncError
from fieldsync.locale.names import name_of
from server.api.context import server
from server.office.doors import must_be_signed_in
from server.office.pages import done, office_blueprint, page, problem
from server.store.approvals import ApprovalKind
from server.workflow.four_eyes import ask
from server.workflow.office_work import MOST_SHOWN, waiting_holds
from server.workflow.tell_reads import note_read

blueprint = office_blueprint("office_holds", __name__)


@blueprint.get("/holds")
def show() -> Response:
    """Those that one may ask to lift."""
    return _page(None)


def _page(error: FieldsyncError | None) -> Response:
    who = must_be_signed_in()
    found = waiting_holds(server(), who)
    note_read(server(), "office.holds.listed", [hold.case_id for hold in found], by=who.signs_as)
    return page(
        "holds.html",
        error.http_status if error else 200,
        holds=found,
        most=MOST_SHOWN,
        name_of=name_of,
        problem=problem(error) if error else None,
    )


@blueprint.post("/holds/<hold_id>")
def ask_to_lift(hold_id: str) -> Response:
    """Ask; somebody else grants it."""
    who = must_be_signed_in()
    try:
        ask(server(), who, ApprovalKind.LIFT, hold_id, request.form.get("reason", ""))
    except FieldsyncError as error:
        return _page(error)
    return done("office_home.show", "asked")
