"""`/office/sign-in`: by password and code, by passkey, or by the bank's own sign-in; and out again."""

from http import HTTPStatus

from flask import Response, jsonify, make_response, redirect, request, url_for

from fieldsync.errors import FieldsyncError
from server.api.context import server
from server.office.doors import (
    bank_step,
    keep_bank_step,
    keep_step,
    let_in,
    let_out,
    must_be_signed_in,
    origin,
    site,
    step,
    takes_passkeys,
    visitor,
    who_asks,
)
from server.office.pages import office_blueprint, page, problem, to
from server.workflow.office_sessions import end
from server.workflow.office_work import nothing_there
from server.workflow.sign_in import sign_in
from server.workflow.sign_in_with_bank import answered, ask_bank
from server.workflow.use_passkeys import begin_sign_in, finish_sign_in

blueprint = office_blueprint("office_sign_in", __name__)


@blueprint.get("/sign-in")
def show() -> Response:
    """The form; whoever is signed in is sent home."""
    return to("office_home.show") if who_asks() else _form()


@blueprint.post("/sign-in")
def enter() -> Response:
    """Sign in by password and code."""
    said = request.form
    try:
        welcome = sign_in(
            server(),
            said.get("login", ""),
            said.get("password", ""),
            said.get("code", ""),
            visitor(),
        )
    except FieldsyncError as error:
        return _form(said.get("login", ""), error)
    return let_in(to("office_home.show"), welcome)


def _form(login: str = "", error: FieldsyncError | None = None) -> Response:
    return page(
        "sign_in.html",
        error.http_status if error else 200,
        login=login[:64],
        problem=problem(error) if error else None,
        asks_bank=server().config.office.asks_bank,
        takes_passkeys=takes_passkeys(),
    )


@blueprint.post("/sign-out")
def leave() -> Response:
    """End the session."""
    who = must_be_signed_in()
    end(server(), who, who.session.handle)
    return let_out(to("office_sign_in.show"))


@blueprint.post("/passkey/begin")
def passkey_begin() -> Response:
    """What the browser is asked."""
    asked, token = begin_sign_in(server(), site())
    return keep_step(make_response(asked, {"Content-Type": "application/json"}), token)


@blueprint.post("/passkey/finish")
def passkey_finish() -> Response:
    """Whether its answer holds."""
    try:
        answer = request.get_data(as_text=True)
        welcome = finish_sign_in(server(), site(), step(), answer, visitor())
    except FieldsyncError as error:
        refused = jsonify(problem(error))
        refused.status_code = error.http_status
        return refused
    return let_in(jsonify({"to": url_for("office_home.show")}), welcome)


@blueprint.get("/bank")
def bank() -> Response:
    """Away to the bank's own sign-in."""
    _must_ask_bank()
    address, token = ask_bank(server(), _back_to())
    return keep_bank_step(make_response(redirect(address, HTTPStatus.SEE_OTHER)), token)


@blueprint.get("/bank/back")
def bank_back() -> Response:
    """Back from there; a page of ours leads on, since a link of another site brings no session along."""
    _must_ask_bank()
    welcome = answered(server(), _back_to(), bank_step(), request.args.to_dict(), visitor())
    return keep_bank_step(let_in(page("back.html"), welcome), "")


def _must_ask_bank() -> None:
    """NotFoundError 404.92 where the bank's sign-in is not set up: then these addresses are not there."""
    if not server().config.office.asks_bank:
        raise nothing_there()


def _back_to() -> str:
    return origin() + url_for("office_sign_in.bank_back")
