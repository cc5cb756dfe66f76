"""The doors of the office's pages: cookies, who is signed in, and forms that nobody else can send."""

from urllib.parse import urlsplit

from flask import Response, g, request

from fieldsync.errors import UnauthorisedError
from fieldsync.words import words
from server.api.context import server
from server.security.account_secrets import fresh_token, is_keyed, keyed
from server.security.passkeys import Site
from server.workflow.office_sessions import LONGEST, SignedIn, Visitor, signed_in
from server.workflow.sign_in import Welcome

_SESSION, _FORM, _MARK, _STEP, _BANK = (
    "office_session",
    "office_form",
    "office_mark",
    "office_step",
    "office_bank",
)
_LANGUAGE = "office_language"
_YEAR_S = 365 * 24 * 3600
_STEP_S = 15 * 60
_USE = "csrf"
_OURS = frozenset({"same-origin", "none"})


def _name(name: str) -> str:
    """With TLS the browser itself sees to it that a cookie is of this host and nobody else's."""
    return f"__Host-{name}" if server().config.office.is_secure else name


def _read(name: str) -> str:
    return request.cookies.get(_name(name), "")


def _set(
    response: Response, name: str, value: str, max_age: int, same_site: str = "Strict"
) -> None:
    response.set_cookie(
        _name(name),
        value,
        max_age=max_age,
        path="/",
        secure=server().config.office.is_secure,
        httponly=True,
        samesite=same_site,
    )


def who_asks() -> SignedIn | None:
    """Who is signed in, looked up once a request."""
    if "who" not in g:
        token = _read(_SESSION)
        g.who = signed_in(server(), token) if token else None
    found: SignedIn | None = g.who
    return found


def must_be_signed_in() -> SignedIn:
    """Who is signed in; UnauthorisedError 401.90 where nobody is."""
    who = who_asks()
    if who is None:
        raise UnauthorisedError(
            "401.90",
            words("Nobody is signed in here, or the session is over."),
            words("Sign in; sessions end after fifteen minutes without use."),
        )
    return who


def visitor() -> Visitor:
    """Where the request comes from."""
    return Visitor(request.remote_addr or "unknown", request.user_agent.string, _read(_MARK))


def origin() -> str:
    """Where people find these pages: as the settings say, or as the request does."""
    return server().config.office.public_url or request.host_url.rstrip("/")


def site() -> Site:
    """Whom passkeys are for."""
    return Site(urlsplit(origin()).hostname or "", origin())


def takes_passkeys() -> bool:
    """Browsers make passkeys for names alone, and only over TLS or on this machine."""
    name = site().name
    return not (name.replace(".", "").isdigit() or ":" in name)


def let_in(response: Response, welcome: Welcome) -> Response:
    """A new session, whatever id the browser came with, and a mark for the next time."""
    keep_session(response, welcome.token)
    _set(response, _MARK, welcome.mark, _YEAR_S)
    return response


def keep_session(response: Response, token: str) -> Response:
    """The session's id, in a cookie that scripts cannot read and other sites cannot send."""
    _set(response, _SESSION, token, int(LONGEST.total_seconds()))
    return response


def let_out(response: Response) -> Response:
    """No session any more, and nothing of it left in the browser."""
    _set(response, _SESSION, "", 0)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def keep_step(response: Response, step: str) -> Response:
    """A step of signing in that is under way."""
    _set(response, _STEP, step, _STEP_S)
    return response


def keep_language(response: Response, tag: str) -> Response:
    """The language that somebody chose, for a year."""
    _set(response, _LANGUAGE, tag, _YEAR_S, same_site="Lax")
    return response


def kept_language() -> str:
    """The language that was chosen here before, or empty."""
    return _read(_LANGUAGE)


def step() -> str:
    """The step that is under way, or empty."""
    return _read(_STEP)


def keep_bank_step(response: Response, step: str) -> Response:
    """The same for the bank's sign-in, from where people come back by a link of another site."""
    _set(response, _BANK, step, _STEP_S, same_site="Lax")
    return response


def bank_step() -> str:
    """The bank's step that is under way, or empty."""
    return _read(_BANK)


def form_token() -> str:
    """What a form of this browser and session carries."""
    if "form" not in g:
        g.form = _read(_FORM) or fresh_token(server().randomness)
    return keyed(server().keys.accounts, _USE, f"{g.form}.{_read(_SESSION)}")


def keep_form(response: Response) -> Response:
    """Give the browser what its forms are compared with, once."""
    if "form" in g and not _read(_FORM):
        _set(response, _FORM, g.form, int(LONGEST.total_seconds()))
    return response


def check_form() -> None:
    """UnauthorisedError 403.900 for a form that did not come from our own page in this browser."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    said = request.headers.get("X-Form-Token") or request.form.get("form_token", "")
    text = f"{_read(_FORM)}.{_read(_SESSION)}"
    ours = request.headers.get("Sec-Fetch-Site", "same-origin") in _OURS
    from_here = request.headers.get("Origin", origin()) == origin()
    whole = bool(_read(_FORM)) and is_keyed(server().keys.accounts, _USE, text, said)
    if not (ours and from_here and whole):
        raise UnauthorisedError(
            "403.900",
            words("This form did not come from this page, or the page was open for too long."),
            words("Open the page again and send it once more; nothing was changed."),
        )
