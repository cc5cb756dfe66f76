"""Makes the office's pages: language, layout, what everybody is told, and errors as pages."""

import logging
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from fieldsync.errors import FieldsyncError
from fieldsync.locale import normalise, render
from fieldsync.words import LANGUAGES, Words
from server.api.context import server
from server.office.doors import (
    check_form,
    form_token,
    keep_form,
    keep_language,
    kept_language,
    who_asks,
)
from server.office.headers import guard_office
from server.office.texts import DONE, TEXTS
from server.security.permissions import Action, may_anywhere
from server.workflow.break_glass import alarms

_LOG = logging.getLogger("fieldsync.server")


def office_blueprint(name: str, import_name: str) -> Blueprint:
    """A part of the office: every form checked, every page guarded, every error a page."""
    part = Blueprint(
        name, import_name, template_folder="templates", static_folder=None, url_prefix="/office"
    )
    part.before_request(check_form)
    part.after_request(keep_form)
    part.after_request(_keep_language)
    part.after_request(guard_office)
    part.register_error_handler(FieldsyncError, _of_error)
    return part


def page(template: str, status: int = 200, **facts: Any) -> Response:
    """The page with what every page shows."""
    who, tag = who_asks(), language()
    told = DONE.get(request.args.get("done", ""))
    text = render_template(
        f"office/{template}",
        tag=tag,
        languages=LANGUAGES,
        here=_here,
        t={name: render(said, tag) for name, said in TEXTS.items()},
        who=who,
        menu=_menu() if who else (),
        alarms=alarms(server()) if who else (),
        token=Markup('<input type="hidden" name="form_token" value="{}">').format(form_token()),
        form_token=form_token(),
        done=render(told, tag) if told else "",
        said=lambda words_: render(words_, tag),
        named=lambda code, names: render(names[code], tag) if code in names else code,
        when=_when,
        **facts,
    )
    return make_response(text, status)


def done(endpoint: str, told: str) -> Response:
    """Back to a page of ours, which says what was done."""
    return make_response(redirect(url_for(endpoint, done=told), HTTPStatus.SEE_OTHER))


def to(endpoint: str) -> Response:
    """To a page of ours; where to never comes from a request."""
    return make_response(redirect(url_for(endpoint), HTTPStatus.SEE_OTHER))


def language() -> str:
    """As chosen by a link, before, or by the browser."""
    for said in (request.args.get("lang", ""), kept_language()):
        if normalise(said) in LANGUAGES:
            return normalise(said) or LANGUAGES[0]
    wished = request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh-CN")
    return "en" if wished == "en" else "zh-CN"


def in_language(message: Mapping[str, str]) -> str:
    """A sentence that was recorded in every language."""
    return message.get(language()) or message.get("en", "")


def problem(error: FieldsyncError) -> dict[str, str]:
    """What a form says when it comes back."""
    return {
        "code": error.code,
        "message": _said(error.message),
        # Hints of the line speak of the command line; here only those of the office's own do.
        "hint": _said(error.hint)
        if error.hint and error.code.partition(".")[2].startswith("9")
        else "",
    }


def _said(message: Words) -> str:
    return render(message, language())


def _of_error(error: FieldsyncError) -> Response:
    status = error.http_status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("error %s: %s", error.code, error)
    if status == HTTPStatus.UNAUTHORIZED and request.method == "GET":
        return to("office_sign_in.show")
    return page("problem.html", status, problem=problem(error))


def _keep_language(response: Response) -> Response:
    if normalise(request.args.get("lang", "")) in LANGUAGES:
        keep_language(response, language())
    return response


def _here(tag: str) -> str:
    """This page in another language."""
    return f"{request.path}?{urlencode({'lang': tag})}"


def _when(instant: datetime | None) -> str:
    """By the server's clock, to the minute."""
    if instant is None:
        return ""
    zone = server().clock.now().tzinfo
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


_MENU = (
    ("office_home.show", "home", None),
    ("office_records.show", "records", Action.CASES_SEE),
    ("office_holds.show", "holds", Action.LIFT_ASK),
    ("office_devices.show", "devices", Action.DEVICE_ASK),
    ("office_glass.show", "glass", Action.GLASS_BREAK),
    ("office_past.show", "past", Action.RECORD_SEE),
    ("office_account.show", "account", None),
)


def _menu() -> list[tuple[str, str, bool]]:
    """Address, name and whether it is this page, for what somebody may open."""
    who = who_asks()
    grants = who.grants if who else ()
    return [
        (url_for(endpoint), name, request.endpoint == endpoint)
        for endpoint, name, action in _MENU
        if action is None or may_anywhere(grants, action)
    ]
