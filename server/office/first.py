"""`/office/first`: from an invitation's code to a password and one-time codes of one's own."""

from flask import Response, request
from markupsafe import Markup

from fieldsync.errors import FieldsyncError, InputError
from fieldsync.words import words
from server.api.context import server
from server.office.doors import keep_step, let_in, step, visitor
from server.office.pages import office_blueprint, page, problem, to
from server.security.one_time_codes import app_address, qr_of
from server.workflow.first_sign_in import finish, open_invitation, setting_up

blueprint = office_blueprint("office_first", __name__)
_GROUP = 4


@blueprint.get("/first")
def show() -> Response:
    """Name and code."""
    return page("first.html", login="", problem=None)


@blueprint.post("/first")
def enter() -> Response:
    """Check the invitation."""
    login = request.form.get("login", "")
    try:
        token = open_invitation(server(), login, request.form.get("code", ""), visitor())
    except FieldsyncError as error:
        return page("first.html", error.http_status, login=login[:64], problem=problem(error))
    return keep_step(to("office_first.set_up"), token)


@blueprint.get("/first/set-up")
def set_up() -> Response:
    """Password and app."""
    return _set_up(None)


@blueprint.post("/first/set-up")
def settle() -> Response:
    """Set both up and sign in; the recovery codes are shown this once."""
    said = request.form
    try:
        if said.get("password", "") != said.get("again", ""):
            raise InputError("422.909", words("The two passwords differ."))
        welcome, codes = finish(
            server(), step(), said.get("password", ""), said.get("code", ""), visitor()
        )
    except FieldsyncError as error:
        return _set_up(error)
    return keep_step(let_in(page("recovery.html", codes=codes), welcome), "")


def _set_up(error: FieldsyncError | None) -> Response:
    asked = setting_up(server(), step())
    if asked is None:
        return to("office_first.show")
    address = app_address(asked.seed, asked.login, server().config.lender.name or "Fieldsync")
    groups = range(0, len(asked.seed), _GROUP)
    return page(
        "set_up.html",
        error.http_status if error else 200,
        login=asked.login,
        seed=" ".join(asked.seed[at : at + _GROUP] for at in groups),
        # Drawn by ourselves from letters and digits: nothing in it comes from a request.
        picture=Markup(qr_of(address)),  # noqa: S704
        problem=problem(error) if error else None,
    )
