"""`/v/CODE`: whether the copy in somebody's hand is the one that was agreed, and how the agreement stands.

Nothing personal is on the page: whoever has the copy knows what is in it. The file never leaves the
browser, which works its hash out and compares.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from fieldsync.agreements.verification import read_code
from fieldsync.errors import InputError
from fieldsync.locale import normalise, render
from fieldsync.words import LANGUAGES, Words, words
from server.api.context import server
from server.office.headers import guard
from server.workflow.look_up_code import Found, look_up

blueprint = Blueprint(
    "verification", __name__, template_folder="templates", static_folder="static",
    static_url_path="/v/static",
)  # fmt: skip
blueprint.after_request(guard)

_UNKNOWN = words(
    "No agreement with this code is in force here. The record may still be on its way or wait for the office: look again tomorrow, or call."
)
_STATES = {
    "performing": words("This agreement is in force. While it is kept, nobody collects this debt."),
    "settled": words("This agreement is settled: everything was paid."),
    "broken": words("This agreement was ended by the bank."),
    "withdrawn": words("This agreement was withdrawn by the borrower."),
    "replaced": words("This agreement was replaced by a newer version. Ask for the newer copy."),
}
_TEXTS = {
    "title": words("Check an agreement"),
    "code": words("Verification code"),
    "look": words("Look up"),
    "compare": words("Compare your copy"),
    "choose": words(
        "Choose the file that you were given. It stays on this device: nothing is sent."
    ),
    "file": words("Your copy (PDF)"),
    "same": words("Yes: this is the document that was agreed."),
    "other": words(
        "No: this is not the document that was agreed. Do not rely on it, and call the bank."
    ),
    "by_hand": words("Or compare the SHA-256 of your file by hand:"),
    "unable": words("This browser cannot work it out; compare by hand."),
    "signed": words("as it was signed"),
    "sealed": words("with the office's seal"),
    "language": words("Language"),
}


@blueprint.get("/v/")
def ask() -> ResponseReturnValue:
    """A field for the code, or the page of the code that was typed into it."""
    typed = request.args.get("code")
    if typed is None:
        return _page("", None, None)
    try:
        return redirect(f"/v/{read_code(typed)}?lang={_language()}")
    except InputError as error:
        return _page(typed, None, error.message, status=422)


@blueprint.get("/v/<code>")
def show(code: str) -> ResponseReturnValue:
    """The agreement of the code; an unknown one is answered in the same time and form."""
    try:
        plain = read_code(code)
    except InputError as error:
        return _page(code, None, error.message, status=422)
    found = look_up(server(), plain, request.remote_addr or "unknown")
    if found is None:
        return _page(plain, None, _UNKNOWN, status=404)
    return _page(plain, found, _STATES[found.state.value])


def _page(code: str, found: Found | None, told: Words | None, status: int = 200) -> Response:
    tag = _language()
    phone = server().config.lender.phone or render(
        words("the bank's number printed on the card or contract"), tag
    )
    texts = {name: render(text, tag) for name, text in _TEXTS.items()}
    texts["call"] = render(words("Questions? Call {phone}.", phone=phone), tag)
    page = render_template(
        "verification.html",
        tag=tag,
        languages=LANGUAGES,
        code=code[:40],
        found=found,
        told=render(told, tag) if told else "",
        texts=texts,
    )
    return make_response(page, status)


def _language() -> str:
    said = normalise(request.args.get("lang", ""))
    if said in LANGUAGES:
        return said
    wished = request.accept_languages.best_match(["zh-CN", "zh", "en"], "zh-CN")
    return "en" if wished == "en" else "zh-CN"
