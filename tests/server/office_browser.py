"""A browser of the office for the server's tests: keeps cookies, reads the form's token off the page, posts."""

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.app import create_app
from server.context import ServerContext
from server.security.permissions import Grant
from server.store.accounts import AccountState, account_of_login, set_state
from server.store.engine import reading, writing
from server.workflow.first_sign_in import finish, open_invitation, setting_up
from server.workflow.manage_accounts import add
from server.workflow.office_sessions import SignedIn, Visitor, begin, signed_in

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who are made up
VISITOR = Visitor("192.0.2.1", "a test")


@dataclass(slots=True)
class OfficeBrowser:
    """One person's browser, at an address."""

    ctx: ServerContext
    address: str = "192.0.2.10"
    client: FlaskClient = field(init=False)
    page: str = ""

    def __post_init__(self) -> None:
        self.client = create_app(self.ctx).test_client()

    def get(self, path: str, **more: str) -> TestResponse:
        """Open a page, in English."""
        answer = self.client.get(path, headers=self._headers(more))
        self.page = html.unescape(answer.get_data(as_text=True))
        answer.close()
        return answer

    def post(
        self,
        path: str,
        form: dict[str, str] | None = None,
        *,
        token: str | None = None,
        **more: str,
    ) -> TestResponse:
        """Send a form with the token of the page that was opened last, or another one."""
        found = TOKEN.search(self.page)
        said = token if token is not None else (found.group(1) if found else "")
        data = {"form_token": said, **(form or {})}
        answer = self.client.post(path, data=data, headers=self._headers(more))
        self.page = html.unescape(answer.get_data(as_text=True)) or self.page
        return answer

    def cookie(self, name: str) -> str:
        """A cookie's value, empty where there is none."""
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        self.client.environ_base["REMOTE_ADDR"] = self.address
        return {"Accept-Language": "en", **{k.replace("_", "-"): v for k, v in more.items()}}


def invite(ctx: ServerContext, login: str, *grants: Grant, bank_id: str | None = None) -> str:
    """An account with these roles; its invitation's code."""
    hour = timedelta(hours=1)
    name = login.title()
    return add(ctx, login, name, grants, bank_subject=bank_id, valid_for=hour, by="test")[0]


def with_password(ctx: ServerContext, login: str, *grants: Grant) -> tuple[str, tuple[str, ...]]:
    """An account that was set up with `PASSWORD`; its seed and recovery codes."""
    step = open_invitation(ctx, login, invite(ctx, login, *grants), VISITOR)
    asked = setting_up(ctx, step)
    assert asked is not None
    code = pyotp.TOTP(asked.seed).at(ctx.clock.now())
    _welcome, codes = finish(ctx, step, PASSWORD, code, VISITOR)
    return asked.seed, codes


def signed_in_as(ctx: ServerContext, login: str, *grants: Grant) -> OfficeBrowser:
    """A browser with an open session of a fresh account; its page is the home page."""
    browser = OfficeBrowser(ctx)
    browser.client.set_cookie("office_session", session_of(ctx, login, *grants))
    browser.get("/office/")
    return browser


def session_of(ctx: ServerContext, login: str, *grants: Grant) -> str:
    """The id of an open session of a fresh account."""
    invite(ctx, login, *grants)
    with writing(ctx.engine) as conn:
        account = account_of_login(conn, login)
        assert account is not None
        set_state(conn, account.account_id, AccountState.ACTIVE)
        return begin(ctx, conn, account.account_id, "password", VISITOR)


def person(ctx: ServerContext, login: str, *grants: Grant) -> SignedIn:
    """Somebody signed in, without a browser."""
    found = signed_in(ctx, session_of(ctx, login, *grants))
    assert found is not None
    return found


def account_id_of(ctx: ServerContext, login: str) -> str:
    """The id of an account."""
    with reading(ctx.engine) as conn:
        account = account_of_login(conn, login)
    assert account is not None
    return account.account_id
