"""Sessions of the office and its forms: what a browser carries, how long it counts, and who else may send it."""

import re

import pytest

from server.context import ServerContext
from server.security.permissions import Grant, Role
from server.workflow.manage_accounts import change_roles, disable, end_all
from server.workflow.office_sessions import sessions_of
from tests.fakes import FixedClock
from tests.server.office_browser import (
    PASSWORD,
    OfficeBrowser,
    account_id_of,
    signed_in_as,
    with_password,
)

MANAGER = Grant(Role.BRANCH_MANAGER, "SZ-NANSHAN")


def test_session_fixation_every_sign_in_gets_a_new_id(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """An id that somebody planted in the browser is not the session's after the sign-in."""
    import pyotp

    seed, _codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    browser = OfficeBrowser(staffed)
    browser.client.set_cookie("office_session", "planted-by-somebody-else")
    browser.get("/office/sign-in")
    form = {"login": "ben", "password": PASSWORD, "code": pyotp.TOTP(seed).at(clock.now())}
    assert browser.post("/office/sign-in", form).status_code == 303
    assert browser.cookie("office_session") != "planted-by-somebody-else"
    planted = OfficeBrowser(staffed)
    planted.client.set_cookie("office_session", "planted-by-somebody-else")
    assert planted.get("/office/").status_code == 303


def test_more_power_gets_a_new_id(staffed: ServerContext) -> None:
    """Breaking the glass: the id from before is worth nothing."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    before = browser.cookie("office_session")
    browser.get("/office/glass")
    reason = {"branch": "SZ-FUTIAN", "reason": "Borrower in hospital, nobody there answers"}
    assert browser.post("/office/glass", reason).status_code == 303
    assert browser.cookie("office_session") != before
    assert browser.get("/office/").status_code == 200
    old = OfficeBrowser(staffed)
    old.client.set_cookie("office_session", before)
    assert old.get("/office/").status_code == 303


def test_a_session_ends_when_nobody_uses_it(staffed: ServerContext, clock: FixedClock) -> None:
    """Fifteen minutes without a click."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    clock.go_on(minutes=14)
    assert browser.get("/office/").status_code == 200
    clock.go_on(minutes=14)
    assert browser.get("/office/").status_code == 200
    clock.go_on(minutes=15)
    assert browser.get("/office/").status_code == 303


def test_a_session_ends_after_a_days_work(staffed: ServerContext, clock: FixedClock) -> None:
    """Ten hours, however busy."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    for _ in range(59):
        clock.go_on(minutes=10)
        assert browser.get("/office/").status_code == 200
    clock.go_on(minutes=10)
    assert browser.get("/office/").status_code == 303


def test_signing_out_ends_the_session_on_the_server(staffed: ServerContext) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    copy = OfficeBrowser(staffed)
    copy.client.set_cookie("office_session", browser.cookie("office_session"))
    answer = browser.post("/office/sign-out")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert copy.get("/office/").status_code == 303


def test_a_new_password_takes_the_old_one_and_ends_other_sessions(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """A session left open is not enough to take the account over."""
    import pyotp

    seed, _codes = with_password(staffed, "ben", MANAGER)
    browsers = []
    for _ in range(2):
        clock.go_on(minutes=1)
        browser = OfficeBrowser(staffed)
        browser.get("/office/sign-in")
        form = {"login": "ben", "password": PASSWORD, "code": pyotp.TOTP(seed).at(clock.now())}
        assert browser.post("/office/sign-in", form).status_code == 303
        browser.get("/office/account")
        browsers.append(browser)
    new = {"password": "six green doors by the sea", "again": "six green doors by the sea"}
    own, other = browsers
    assert own.post("/office/account/password", {**new, "old": "a guess"}).status_code == 403
    assert "403.913" in own.page
    assert own.post("/office/account/password", {**new, "old": PASSWORD}).status_code == 303
    assert own.get("/office/account").status_code == 200
    assert other.get("/office/account").status_code == 303


def test_what_keeps_a_thief_in_asks_for_a_sign_in_of_just_now(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """New recovery codes and passkeys: not by a session that somebody found open."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    clock.go_on(minutes=11)
    browser.get("/office/account")
    for path in ("recovery-codes", "passkeys/begin"):
        answer = browser.post(f"/office/account/{path}")
        assert answer.status_code == 403
        assert "403.906" in answer.get_data(as_text=True)
        browser.get("/office/account")


@pytest.mark.parametrize("how", ["disabled", "roles", "ended"])
def test_the_operator_ends_sessions_at_once(staffed: ServerContext, how: str) -> None:
    """Disabling, other roles, or `accounts sessions --end`."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    if how == "disabled":
        disable(staffed, "ben", by="test")
    elif how == "roles":
        change_roles(staffed, "ben", [Grant(Role.AUDITOR)], by="test")
    else:
        assert end_all(staffed, "ben", by="test") == 1
    assert browser.get("/office/").status_code == 303


def test_people_see_and_end_their_own_sessions_alone(staffed: ServerContext) -> None:
    """The list shows both browsers; a handle of somebody else's is not there."""
    ben = signed_in_as(staffed, "ben", MANAGER)
    ana = signed_in_as(staffed, "ana", MANAGER)
    (hers,) = sessions_of(staffed, account_id_of(staffed, "ana"))
    ben.get("/office/account")
    assert ben.post("/office/account/sessions/end", {"handle": hers.handle}).status_code == 404
    assert ana.get("/office/").status_code == 200


def test_csrf_a_form_without_this_browsers_token_is_refused(staffed: ServerContext) -> None:
    """No token, a made-up one, another browser's, and one from before the sign-in."""
    browser, other = signed_in_as(staffed, "ben", MANAGER), signed_in_as(staffed, "cy", MANAGER)
    found = re.search(r'form_token" value="([0-9a-f]{64})"', other.page)
    assert found is not None
    form = {"branch": "SZ-FUTIAN", "reason": "Borrower in hospital, nobody there answers"}
    for token in ("", "0" * 64, found.group(1)):
        assert browser.post("/office/glass", form, token=token).status_code == 403
    assert "403.900" in browser.page


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_csrf_a_form_of_another_site_is_refused(
    staffed: ServerContext, header: dict[str, str]
) -> None:
    """Even with a token, what the browser says of where a form comes from is believed."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    assert browser.post("/office/sign-out", None, token=None, **header).status_code == 403
    assert browser.get("/office/").status_code == 200


def test_every_form_of_the_office_is_checked(staffed: ServerContext) -> None:
    """Each address that takes a POST refuses one without a token, signed in or not."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    rules = [
        str(rule)
        for rule in browser.client.application.url_map.iter_rules()
        if str(rule).startswith("/office") and "POST" in (rule.methods or ())
    ]
    assert len(rules) > 15
    for rule in rules:
        address = re.sub(r"<[^>]+>", "anything", rule)
        assert browser.post(address, token="").status_code == 403, rule


def test_cookies_are_kept_from_scripts_and_other_sites(staffed: ServerContext) -> None:
    """HttpOnly and SameSite=Strict; with TLS also Secure, under a name that binds them to this host."""
    import dataclasses

    from server.office_settings import OfficeSettings

    secure = OfficeSettings(public_url="https://office.bank.example")
    tls = dataclasses.replace(staffed, config=dataclasses.replace(staffed.config, office=secure))
    for ctx, prefix in ((staffed, ""), (tls, "__Host-")):
        answer = OfficeBrowser(ctx).get("/office/sign-in")
        (kept,) = [c for c in answer.headers.getlist("Set-Cookie") if "office_form" in c]
        assert kept.startswith(f"{prefix}office_form=")
        assert "HttpOnly" in kept
        assert "SameSite=Strict" in kept
        assert ("Secure" in kept) is bool(prefix)
        assert ("Strict-Transport-Security" in answer.headers) is bool(prefix)
        chosen = OfficeBrowser(ctx).get("/office/sign-in?lang=en").headers.getlist("Set-Cookie")
        assert all(cookie.startswith(f"{prefix}office_") for cookie in chosen)
        assert all("HttpOnly" in cookie and "Path=/" in cookie for cookie in chosen)
        assert len(chosen) == 2


def test_pages_take_nothing_from_elsewhere(staffed: ServerContext) -> None:
    """Strict headers on pages, problems, redirects and the style sheet alike."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    for path in (
        "/office/",
        "/office/records/none",
        "/office/static/office.css",
        "/office/bank/back",
    ):
        headers = browser.get(path).headers
        assert headers.get("Content-Security-Policy"), path
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_open_redirect_no_address_of_a_request_leads_elsewhere(staffed: ServerContext) -> None:
    """Whatever stands in the query or the host, people are led to our own pages."""
    browser = OfficeBrowser(staffed)
    for query in ("next=https://evil.example", "to=//evil.example", "done=https://evil.example"):
        answer = browser.get(f"/office/?{query}")
        assert answer.headers["Location"] == "/office/sign-in"
    inside = signed_in_as(staffed, "ben", MANAGER)
    answer = inside.post("/office/sign-out?next=https://evil.example")
    assert answer.headers["Location"] == "/office/sign-in"
    assert "evil" not in OfficeBrowser(staffed).get("/office/sign-in?lang=//evil").get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    "path",
    [
        "/office/static/../../config.toml",
        "/office/static/..%2f..%2fconfig.py",
        "/office/static/%2e%2e/headers.py",
        "/office/static//etc/passwd",
        "/office/records/..%2f..%2fetc%2fpasswd",
    ],
)
def test_path_traversal_leads_nowhere(staffed: ServerContext, path: str) -> None:
    """Static files are those of one folder; an id is looked up, never opened."""
    browser = signed_in_as(staffed, "ben", MANAGER)
    assert browser.get(path).status_code in {404, 308}
    assert not any(word in browser.page for word in ("root:", "database_url", "_HEADERS"))


def test_nobody_who_is_not_signed_in_sees_anything(staffed: ServerContext) -> None:
    """Every page but the doors leads to the sign-in."""
    browser = OfficeBrowser(staffed)
    open_ones = {"/office/sign-in", "/office/first", "/office/bank", "/office/bank/back"}
    for rule in browser.client.application.url_map.iter_rules():
        path = str(rule)
        if not path.startswith("/office") or "GET" not in (rule.methods or ()) or path in open_ones:
            continue
        if "static" in path or path == "/office/first/set-up":
            continue
        answer = browser.get(re.sub(r"<[^>]+>", "anything", path))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/office/sign-in")
