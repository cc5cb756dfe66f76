"""`fieldsync-server accounts` and the section [office], as an operator meets them."""

import dataclasses
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from fieldsync.errors import FieldsyncError, InputError
from server.app import create_app
from server.cli import build_group
from server.config import CONFIG_NAME, load_config
from server.context import ServerContext
from server.office_settings import SECRET_VARIABLE
from server.store.engine import reading
from server.store.tables import audit
from tests.server.office_browser import OfficeBrowser, session_of


def said(ctx: ServerContext, *words: str, code: int = 0) -> str:
    """What the program prints on standard output."""
    result = CliRunner().invoke(build_group(), ["--home", str(ctx.config.home), *words])
    assert result.exit_code == code, result.output
    return result.stdout


def refused(ctx: ServerContext, *words: str) -> str:
    """The number of the problem that it ends with."""
    result = CliRunner().invoke(build_group(), ["--home", str(ctx.config.home), *words])
    assert isinstance(result.exception, FieldsyncError)
    return result.exception.code


ADD = ("accounts", "add", "li.na", "--name", "Li Na", "--role", "reviewer@SZ-NANSHAN")


def test_an_account_is_invited_listed_changed_and_disabled(server: ServerContext) -> None:
    """Each step is one line, its secret the only thing on standard output, and audited by name."""
    code = said(server, *ADD, "--by", "Op").strip()
    assert len(code.replace("-", "")) == 16
    (listed,) = json.loads(said(server, "accounts", "list", "--json"))
    assert (listed["login"], listed["state"]) == ("li.na", "invited")
    assert listed["roles"] == [{"role": "reviewer", "branch": "SZ-NANSHAN"}]
    said(server, "accounts", "roles", "li.na", "--role", "compliance", "--role", "auditor")
    assert "auditor, compliance" in said(server, "accounts", "list")
    assert said(server, "accounts", "reset", "LI.NA").strip() != code
    said(server, "accounts", "disable", "li.na")
    assert "disabled" in said(server, "accounts", "list")
    with reading(server.engine) as conn:
        lines = conn.execute(select(audit.c.action, audit.c.actor, audit.c.detail)).all()
    done = [line.action for line in lines if line.action.startswith("account.")]
    names = ["added", "roles_changed", "reset", "disabled"]
    assert done == [f"account.{name}" for name in names]
    assert next(line.actor for line in lines if line.action == "account.added") == "Op"
    assert code not in str(lines)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("409.90", ADD),
        ("409.91", ("accounts", "add", "b", "--name", "B", "--role", "auditor", "--bank-id", "7")),
        ("422.902", ("accounts", "add", "a b", "--name", "A", "--role", "auditor")),
        ("422.903", ("accounts", "add", "b.b", "--name", "B", "--role", "reviewer")),
        ("422.907", ("accounts", "add", "b.b", "--name", "B", "--role", "boss")),
        ("422.908", ("accounts", "sessions", "--end")),
        ("404.90", ("accounts", "reset", "nobody")),
    ],
)
def test_slips_are_told_by_number(server: ServerContext, code: str, words: tuple[str, ...]) -> None:
    """Nothing is changed, and the way out is named."""
    said(server, *ADD, "--bank-id", "7")
    more = ("accounts", "add", "bb", *words[3:]) if code == "409.91" else words
    assert refused(server, *more) == code
    assert len(json.loads(said(server, "accounts", "list", "--json"))) == 1


def test_open_sessions_are_listed_and_ended(server: ServerContext) -> None:
    """With where they come from; the ids themselves are known to the browsers alone."""
    from fieldsync.adapters.clock import SystemClock
    from server.security.permissions import Grant, Role

    ctx = dataclasses.replace(server, clock=SystemClock())
    token = session_of(ctx, "li.na", Grant(Role.AUDITOR))
    shown = said(ctx, "accounts", "sessions", "--json")
    assert token not in shown
    assert json.loads(shown)[0]["login"] == "li.na"
    assert "1 sessions ended" in said(ctx, "accounts", "sessions", "li.na", "--end")
    assert json.loads(said(ctx, "accounts", "sessions", "--json")) == []


def with_office(ctx: ServerContext, *lines: str) -> ServerContext:
    """The server with these lines in its section [office]."""
    path = ctx.config.home / CONFIG_NAME
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join((text, "[office]", *lines, "")), encoding="utf-8")
    return dataclasses.replace(ctx, config=load_config(str(ctx.config.home)))


@pytest.mark.parametrize(
    "line",
    [
        'public_url = "http://office.bank.example"',
        'public_url = "https://office.bank.example/fieldsync"',
        "public_url = 7",
        "proxies = -1",
        'oidc_issuer = "https://id.bank.example"',
        'oidc_secret = "in the clear"',
        'oidc_secret_file = "none.txt"',
        'unknown = "x"',
    ],
)
def test_a_setting_that_cannot_be_is_named(server: ServerContext, line: str) -> None:
    """Plain http for others, half a client, a secret in the clear: 422.900."""
    with pytest.raises(InputError) as told:
        with_office(server, line)
    assert told.value.code == "422.900"
    assert "office." in str(told.value)


def test_the_clients_secret_comes_from_a_file_or_the_environment(
    server: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment goes first."""
    (server.config.home / "secret.txt").write_text("from the file\n", encoding="utf-8")
    ours = with_office(server, 'oidc_secret_file = "secret.txt"')
    assert ours.config.office.oidc_secret == "from the file"  # noqa: S105
    monkeypatch.setenv(SECRET_VARIABLE, "from the environment")
    assert load_config(str(server.config.home)).office.oidc_secret == "from the environment"  # noqa: S105


@pytest.mark.parametrize(
    ("line", "seen"), [("proxies = 0", "10.0.0.1"), ("proxies = 1", "192.0.2.7")]
)
def test_whose_address_a_request_is_from_only_trusted_proxies_say(
    server: ServerContext, line: str, seen: str
) -> None:
    """Without one in the settings the header is anybody's word; with one, its last word counts."""
    from flask import request

    app = create_app(with_office(server, line))
    app.add_url_rule("/where", view_func=lambda: request.remote_addr or "")
    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7", "X-Forwarded-Host": "evil.example"}
    answer = app.test_client().get(
        "/where", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"}
    )
    assert answer.get_data(as_text=True) == seen


def test_a_form_that_says_no_site_is_refused_and_ours_says_one(server: ServerContext) -> None:
    """Browsers say `Origin: null` where a page forbids every referrer; so ours allows its own."""
    answer = OfficeBrowser(server).get("/office/sign-in")
    assert answer.headers["Referrer-Policy"] == "same-origin"
