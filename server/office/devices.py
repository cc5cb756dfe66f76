"""`/office/devices`: devices in the field; shutting one out takes two people."""

from flask import Response, request

from fieldsync.errors import FieldsyncError
from server.api.context import server
from server.office.doors import must_be_signed_in
from server.office.pages import done, office_blueprint, page, problem
from server.store.approvals import ApprovalKind
from server.workflow.four_eyes import ask
from server.workflow.office_work import devices_seen

blueprint = office_blueprint("office_devices", __name__)


@blueprint.get("/devices")
def show() -> Response:
    """Those that one may ask to shut out."""
    return _page(None)


def _page(error: FieldsyncError | None) -> Response:
    return page(
        "devices.html",
        error.http_status if error else 200,
        devices=devices_seen(server(), must_be_signed_in()),
        problem=problem(error) if error else None,
    )


@blueprint.post("/devices/<device_id>")
def ask_to_shut_out(device_id: str) -> Response:
    """Ask; somebody else grants it."""
    who = must_be_signed_in()
    try:
        ask(server(), who, ApprovalKind.DEVICE, device_id, request.form.get("reason", ""))
    except FieldsyncError as error:
        return _page(error)
    return done("office_home.show", "asked")
