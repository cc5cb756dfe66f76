"""`/office/account`: one's own roles, passkeys, sessions, recovery codes and password."""

from flask import Response, jsonify, make_response, request

from fieldsync.errors import FieldsyncError, InputError
from fieldsync.locale.office_names import MEANS, ROLES
from fieldsync.words import words
from server.api.context import server
from server.office.doors import (
    keep_session,
    keep_step,
    must_be_signed_in,
    site,
    step,
    takes_passkeys,
)
from server.office.pages import done, office_blueprint, page, problem
from server.workflow.office_sessions import end, sessions_of
from server.workflow.office_work import nothing_there
from server.workflow.own_account import (
    change_password,
    codes_left_of,
    end_others,
    renew_recovery_codes,
)
from server.workflow.use_passkeys import begin_new, finish_new, passkeys_for, remove

blueprint = office_blueprint("office_account", __name__)
_HERE = "office_account.show"


@blueprint.get("/account")
def show() -> Response:
    """All of it."""
    return _page(None)


def _page(error: FieldsyncError | None) -> Response:
    who = must_be_signed_in()
    return page(
        "account.html",
        error.http_status if error else 200,
        passkeys=passkeys_for(server(), who),
        sessions=sessions_of(server(), who.account_id),
        codes_left=codes_left_of(server(), who),
        takes_passkeys=takes_passkeys(),
        roles=ROLES,
        means=MEANS,
        problem=problem(error) if error else None,
    )


@blueprint.post("/account/passkeys/begin")
def passkey_begin() -> Response:
    """What the browser is asked to make."""
    try:
        asked, token = begin_new(server(), site(), must_be_signed_in())
    except FieldsyncError as error:
        return _as_json(error)
    return keep_step(make_response(asked, {"Content-Type": "application/json"}), token)


@blueprint.post("/account/passkeys/finish")
def passkey_finish() -> Response:
    """Keep what it made."""
    who, said = must_be_signed_in(), request.get_data(as_text=True)
    try:
        finish_new(server(), site(), who, step(), (said, request.args.get("name", "")))
    except FieldsyncError as error:
        return _as_json(error)
    return jsonify({"to": done(_HERE, "passkey_added").location})


def _as_json(error: FieldsyncError) -> Response:
    refused = jsonify(problem(error))
    refused.status_code = error.http_status
    return refused


@blueprint.post("/account/passkeys/remove")
def passkey_remove() -> Response:
    """Take one away."""
    if not remove(server(), must_be_signed_in(), request.form.get("credential_id", "")):
        raise nothing_there()
    return done(_HERE, "passkey_removed")


@blueprint.post("/account/sessions/end")
def session_end() -> Response:
    """End one of one's own sessions."""
    if not end(server(), must_be_signed_in(), request.form.get("handle", "")):
        raise nothing_there()
    return done(_HERE, "session_ended")


@blueprint.post("/account/sessions/end-others")
def sessions_end() -> Response:
    """End every one but this."""
    end_others(server(), must_be_signed_in())
    return done(_HERE, "session_ended")


@blueprint.post("/account/recovery-codes")
def recovery_codes() -> Response:
    """New ones in the place of the older; shown this once."""
    try:
        codes = renew_recovery_codes(server(), must_be_signed_in())
    except FieldsyncError as error:
        return _page(error)
    return page("recovery.html", codes=codes)


@blueprint.post("/account/password")
def password() -> Response:
    """Another password: the other sessions end, and this one gets another id."""
    who, said = must_be_signed_in(), request.form
    try:
        if said.get("password", "") != said.get("again", ""):
            raise InputError("422.909", words("The two passwords differ."))
        token = change_password(server(), who, said.get("old", ""), said.get("password", ""))
    except FieldsyncError as error:
        return _page(error)
    return keep_session(done(_HERE, "password_changed"), token)
