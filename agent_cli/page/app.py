"""The page's own small web application: read, sign, think about it, or decline; for one browser alone."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from agent_cli.page.fetch_assets import TARGET
from agent_cli.page.sitting import Ending, Sitting
from agent_cli.page.strokes import read_strokes
from agent_cli.page.texts import texts_in
from fieldsync.adapters.qr_code import svg_of
from fieldsync.agreements.document import document_data
from fieldsync.errors import FieldsyncError
from fieldsync.locale import normalise, render
from fieldsync.words import LANGUAGES

_COOKIE = "fieldsync_table"
_LIMIT_BYTES = 2 << 20
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_page(sitting: Sitting) -> Flask:
    """The application over one sitting."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LIMIT_BYTES
    app.before_request(lambda: _guard(sitting))
    app.after_request(_with_headers)
    app.add_url_rule("/open/<link>", "open", lambda link: _open(sitting, link))
    app.add_url_rule("/", "read", lambda: _read(sitting))
    app.add_url_rule("/sign", "sign", lambda: _sign(sitting), methods=["POST"])
    app.add_url_rule("/end/<ending>", "end", lambda ending: _end(sitting, ending), methods=["POST"])
    app.add_url_rule("/done", "done", lambda: _done(sitting))
    app.add_url_rule("/copy.pdf", "copy", lambda: _copy(sitting))
    return app


def _guard(sitting: Sitting) -> ResponseReturnValue | None:
    """Only this machine, only the browser that opened the link, and no other site's page behind it."""
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in _HOSTS or (origin is not None and urlsplit(origin).netloc != request.host):
        abort(403)
    is_open_to_all = request.endpoint in {"open", "static"}
    if not is_open_to_all and not sitting.knows(request.cookies.get(_COOKIE)):
        return make_response(
            render_template("closed.html", texts=texts_in(_language(sitting))), 403
        )
    return None


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _language(sitting: Sitting) -> str:
    said = normalise(request.args.get("lang", ""))
    if said in LANGUAGES:
        return said
    return normalise(sitting.case.borrower.language) or "en"


def _open(sitting: Sitting, link: str) -> ResponseReturnValue:
    if not sitting.opens(link):
        return make_response(
            render_template("closed.html", texts=texts_in(_language(sitting))), 403
        )
    response = make_response(redirect("/"))
    response.set_cookie(_COOKIE, sitting.cookie, httponly=True, samesite="Strict")
    return response


def _read(sitting: Sitting) -> ResponseReturnValue:
    if sitting.ending is not None:
        return redirect("/done")
    tag = _language(sitting)
    return render_template(
        "sign.html",
        tag=tag,
        languages=LANGUAGES,
        texts=texts_in(tag),
        paper=document_data(sitting.facts(tag), render),
        officers=[officer.name for officer in sitting.table.witnesses],
        has_pad=TARGET.is_file(),
    )


def _sign(sitting: Sitting) -> ResponseReturnValue:
    told: Any = request.get_json(silent=True)
    body = told if isinstance(told, dict) else {}
    officers = body.get("officers")
    try:
        sitting.sign(
            read_strokes(body),
            read=body.get("read") is True,
            officers=tuple(one is True for one in officers) if isinstance(officers, list) else (),
        )
    except FieldsyncError as error:
        tag = _language(sitting)
        hint = f" {render(error.hint, tag)}" if error.hint else ""
        return jsonify(code=error.code, message=render(error.message, tag) + hint), 422
    return jsonify(next="/done")


def _end(sitting: Sitting, ending: str) -> ResponseReturnValue:
    if ending not in {Ending.THINKING, Ending.DECLINED}:
        abort(404)
    if sitting.ending is None:
        sitting.ending = Ending(ending)
    return jsonify(next="/done")


def _done(sitting: Sitting) -> ResponseReturnValue:
    if sitting.ending is None:
        return redirect("/")
    tag = _language(sitting)
    code = sitting.signed.agreement.verification_code if sitting.signed else ""
    address = f"{sitting.ctx.identity.server_url}/v/{code}"
    phone = render(sitting.facts(tag).lender.phone, tag)
    return render_template(
        "done.html",
        tag=tag,
        languages=LANGUAGES,
        texts=texts_in(tag),
        ending=sitting.ending.value,
        code=code,
        address=address,
        phone=phone,
        qr=svg_of(address).decode() if code else "",
    )


def _copy(sitting: Sitting) -> ResponseReturnValue:
    if sitting.signed is None:
        abort(404)
    response = make_response(sitting.signed.document)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="agreement.pdf"'
    return response
