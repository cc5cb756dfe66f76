"""`/office/records`: what the field sent and a person decides; giving something up takes two."""

from flask import Response, request

from fieldsync.errors import FieldsyncError
from fieldsync.locale.record_names import KINDS
from server.api.context import server
from server.office.doors import must_be_signed_in
from server.office.pages import done, in_language, office_blueprint, page, problem
from server.security.permissions import Action, may
from server.store.approvals import ApprovalKind
from server.workflow.four_eyes import ask
from server.workflow.office_work import decide_record, record_named, waiting_records
from server.workflow.tell_reads import note_read
from server.workflow.waived_parts import waived_parts

blueprint = office_blueprint("office_records", __name__)
_HERE = "office_records.show"


@blueprint.get("/records")
def show() -> Response:
    """All that one may see."""
    who = must_be_signed_in()
    found = waiting_records(server(), who)
    cases = [record.operation.case_id for record in found]
    note_read(server(), "office.records.listed", cases, by=who.signs_as)
    return page("records.html", records=found, kinds=KINDS, pick=in_language)


@blueprint.get("/records/<op_id>")
def one(op_id: str) -> Response:
    """One of them, with what may be done."""
    return _page(op_id, None)


def _page(op_id: str, error: FieldsyncError | None) -> Response:
    who = must_be_signed_in()
    found = record_named(server(), who, op_id)
    case_id = found.operation.case_id
    note_read(server(), "office.record.shown", [case_id], by=who.signs_as, subject=op_id)
    return page(
        "one_record.html",
        error.http_status if error else 200,
        record=found,
        waived=waived_parts(found.operation),
        kinds=KINDS,
        pick=in_language,
        may_decide=may(who.grants, Action.REVIEW_DECIDE, found.branch),
        may_ask=found.waives and may(who.grants, Action.WAIVER_ASK, found.branch),
        problem=problem(error) if error else None,
    )


@blueprint.post("/records/<op_id>")
def decide(op_id: str) -> Response:
    """Accept, refuse, or ask for what takes two."""
    who, said = must_be_signed_in(), request.form
    answer, reason = said.get("answer"), said.get("reason", "")
    try:
        if answer == "ask":
            ask(server(), who, ApprovalKind.WAIVER, op_id, reason)
            return done("office_home.show", "asked")
        decide_record(server(), who, op_id, accept=answer == "accept", reason=reason)
    except FieldsyncError as error:
        return _page(op_id, error)
    return done(_HERE, "decided")
