"""Every page and form of the office, asked by schemathesis as every role, as another branch and as nobody."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from flask import Flask
from requests.auth import AuthBase
from schemathesis import Case, CheckContext, Response
from schemathesis.checks import not_a_server_error
from werkzeug.routing import Rule

from server.app import create_app
from server.context import ServerContext
from server.security.account_secrets import keyed
from server.security.permissions import Action, Grant, Role, may
from server.store.approvals import ApprovalKind
from server.store.cases import load_case
from server.store.devices import load_device
from server.store.engine import reading, writing
from server.workflow.four_eyes import ask
from server.workflow.office_sessions import begin
from server.workflow.review_operations import get_operation
from tests.conftest import Proven
from tests.server.api_asking import SEED, often, running, tells_nothing_of_the_program
from tests.server.conftest import HOLD, Recorder
from tests.server.field_device import FieldDevice
from tests.server.office_browser import VISITOR, account_id_of, person

HERE, ELSEWHERE = "SZ-NANSHAN", "SZ-FUTIAN"
_FORM = "f" * 64
_BORROWER = "Marked Borrower"
_FIELDS = ("login", "password", "code", "again", "old", "reason", "credential_id", "handle", "name")
_ANSWERS = {200, 302, 303, 400, 401, 403, 404, 409, 410, 422, 429}
# What somebody who is not signed in may open: the ways in, and what is everybody's.
_WAYS_IN = re.compile(r"/office/(sign-in|first|passkey|bank|static)|/v/")
_EVERYBODY: dict[str, tuple[Grant, ...]] = {
    **{f"{role} here": (Grant(role, HERE),) for role in Role},
    "manager elsewhere": (Grant(Role.BRANCH_MANAGER, ELSEWHERE),),
    "reviewer elsewhere": (Grant(Role.REVIEWER, ELSEWHERE),),
    "no role": (),
}


@dataclass(frozen=True, slots=True)
class Office:
    """A running office with one of each thing that waits."""

    ctx: ServerContext
    address: str
    document: dict[str, Any]
    op_id: str
    device_id: str


def document_of(app: Flask, ids: dict[str, str]) -> dict[str, Any]:
    """The office's pages as an OpenAPI document, made from the routes themselves."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/office/", "/v/")):
            path = re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule)
            described = paths.setdefault(path, {"parameters": _parameters(rule, ids)})
            for method in {"GET", "POST"} & (rule.methods or set()):
                described[method.lower()] = _operation(method)
    return {"openapi": "3.0.3", "info": {"title": "Office", "version": "1"}, "paths": paths}


def _parameters(rule: Rule, ids: dict[str, str]) -> list[dict[str, Any]]:
    """In each place of the address what is there, and what is not."""
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"enum": [ids.get(name, "office.css"), "no-such-thing", "' OR 1=1 --"]},
        }
        for name in sorted(rule.arguments)
    ]


def _operation(method: str) -> dict[str, Any]:
    text = {"type": "string", "maxLength": 40}
    answers = {str(status): {"description": "An answer"} for status in _ANSWERS}
    asked = [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in (
            ("lang", {"enum": ["en", "zh-CN", "xx"]}),
            ("done", text),
            ("code", text),
            ("state", text),
        )
    ]
    form = {
        # Their own branch's glass anybody may break: here it is about everybody else's.
        "branch": {"enum": [ELSEWHERE, "nowhere", ""]},
        "answer": {"enum": ["grant", "refuse", "accept", "ask", ""]},
        **dict.fromkeys(_FIELDS, text),
    }
    body = {"schema": {"type": "object", "properties": form}}
    described: dict[str, Any] = {"parameters": asked, "responses": answers}
    if method == "POST":
        described["requestBody"] = {"content": {"application/x-www-form-urlencoded": body}}
    return described


class Browser(AuthBase):
    """Sends the cookies and the token of an own form with whatever is asked; signed in, or as nobody."""

    def __init__(self, ctx: ServerContext, login: str | None) -> None:
        self._ctx = ctx
        self._account_id = account_id_of(ctx, login) if login else None

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """A session of its own for each request: some of them end their session."""
        session = ""
        if self._account_id is not None:
            with writing(self._ctx.engine) as conn:
                session = begin(self._ctx, conn, self._account_id, "password", VISITOR)
        r.headers["Cookie"] = f"office_form={_FORM}; office_session={session}"
        text = f"{_FORM}.{session}"
        r.headers["X-Form-Token"] = keyed(self._ctx.keys.accounts, "csrf", text)
        return r


@pytest.fixture
def office(
    staffed: ServerContext, device: FieldDevice, recorded: Recorder, held: str
) -> Iterator[Office]:
    """An agreement in review, a hold, a device, a request that waits, and a real server on loopback."""
    operation = recorded(borrower=_BORROWER)
    asker = person(staffed, "asker", Grant(Role.REVIEWER, HERE))
    approval = ask(staffed, asker, ApprovalKind.LIFT, held, "a reason")
    app = create_app(staffed)
    ids = {"op_id": operation.op_id, "hold_id": held, "device_id": device.device_id}
    ids |= {"approval_id": approval, "glass_id": "none"}
    with running(app) as address:
        yield Office(staffed, address, document_of(app, ids), operation.op_id, device.device_id)


def never(words: bytes) -> Callable[[CheckContext, Response, Case[Any]], None]:
    """A check: these words are in no answer."""

    def check(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
        assert words not in response.content

    return check


def answers_as_a_page(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A check: one of the expected statuses, and with an office's headers."""
    assert response.status_code in _ANSWERS, response.status_code
    assert response.headers["cache-control"] == ["no-store"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"][0], case.path


def is_sent_to_sign_in(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A check: whoever is not signed in sees no page but the ways in."""
    if not _WAYS_IN.match(case.path):
        assert response.status_code in {303, 401, 403}, response.status_code
        if response.status_code == 303:
            assert response.headers["location"] == ["/office/sign-in"]


def asks(office: Office, login: str | None, checks: list[Any], examples: int) -> int:
    """Ask every page and form so often; how many questions were answered."""
    schema = schemathesis.openapi.from_dict(office.document)
    checks = [not_a_server_error, tells_nothing_of_the_program, *checks]
    asked = 0
    with requests.Session() as session:
        session.trust_env = False
        session.auth = Browser(office.ctx, login)

        def one(case: Case[Any]) -> None:
            nonlocal asked
            case.call_and_validate(
                base_url=office.address, session=session, checks=checks, allow_redirects=False
            )
            asked += 1

        for path, described in office.document["paths"].items():
            for method in sorted({"get", "post"} & described.keys()):
                often(schema[path][method.upper()].as_strategy(), examples, one)
    return asked


def held_to(office: Office, grants: tuple[Grant, ...]) -> None:
    """Nothing was decided that these roles may not decide, and by one person nothing that takes two."""
    with reading(office.ctx.engine) as conn:
        case, device = load_case(conn, "C-1"), load_device(conn, office.device_id)
    assert device is not None
    assert device.revoked_from_seq is None
    assert case is not None
    if not may(grants, Action.LIFT_GRANT, HERE):
        assert HOLD in {hold.hold_id for hold in case.holds}
    if not may(grants, Action.REVIEW_DECIDE, HERE):
        assert get_operation(office.ctx, office.op_id).is_open


def everything_asked(office: Office, who: str, examples: int, proven: Proven) -> None:
    """All of it as somebody with these roles; how often is written down."""
    grants = _EVERYBODY[who]
    person(office.ctx, "somebody", *grants)
    checks: list[Any] = [answers_as_a_page]
    if not may(grants, Action.CASES_SEE, HERE):
        checks.append(never(_BORROWER.encode()))
    asked = asks(office, "somebody", checks, examples)
    assert asked > len(office.document["paths"])
    held_to(office, grants)
    proven(("office",), faults=0, steps=asked, seed=SEED)


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("who", _EVERYBODY)
def test_no_role_surprises_the_office(
    office: Office, who: str, examples: int, proven: Proven
) -> None:
    """Every page and form: an answer in order, nothing of another branch, nothing that takes two done by one."""
    everything_asked(office, who, examples, proven)


def test_nobody_sees_nothing_of_the_office(office: Office) -> None:
    """Without a session every page leads to the sign-in, every form is refused, and nothing is decided."""
    checks = [answers_as_a_page, never(_BORROWER.encode()), is_sent_to_sign_in]
    assert asks(office, None, checks, 3) > len(office.document["paths"])
    held_to(office, ())
