"""Signing in to the office: by password and code, first by an invitation; who guesses is slowed down."""

import pyotp
import pytest

from fieldsync.errors import UnauthorisedError
from server.context import ServerContext
from server.security.passwords import is_password
from server.security.permissions import Grant, Role
from server.store.account_tables import account_codes, accounts, office_sessions
from server.store.engine import reading
from server.workflow import sign_in as sign_in_step
from server.workflow.manage_accounts import disable, reset
from server.workflow.office_sessions import Visitor
from tests.fakes import FixedClock
from tests.server.office_browser import (
    PASSWORD,
    VISITOR,
    OfficeBrowser,
    invite,
    signed_in_as,
    with_password,
)

MANAGER = Grant(Role.BRANCH_MANAGER, "SZ-NANSHAN")


def _enter(
    browser: OfficeBrowser, login: str, seed: str, *, password: str = PASSWORD, code: str = ""
) -> int:
    browser.get("/office/sign-in")
    said = code or pyotp.TOTP(seed).at(browser.ctx.clock.now())
    form = {"login": login, "password": password, "code": said}
    return browser.post("/office/sign-in", form).status_code


def test_an_invitation_becomes_an_account_with_an_app_and_recovery_codes(
    staffed: ServerContext,
) -> None:
    """Code, password, picture, six digits; the codes are shown once and the invitation is used up."""
    code = invite(staffed, "ben", MANAGER)
    browser = OfficeBrowser(staffed)
    browser.get("/office/first")
    assert browser.post("/office/first", {"login": "Ben", "code": code.lower()}).status_code == 303
    page = browser.get("/office/first/set-up")
    assert "<svg" in page.get_data(as_text=True)
    seed = browser.page.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
    form = {"password": PASSWORD, "again": PASSWORD, "code": "000000"}
    assert browser.post("/office/first/set-up", form).status_code == 403
    form["code"] = pyotp.TOTP(seed).at(staffed.clock.now())
    assert browser.post("/office/first/set-up", form | {"again": "x"}).status_code == 422
    done = browser.post("/office/first/set-up", form)
    assert done.status_code == 200
    assert browser.page.count("<code>") == 8
    assert browser.get("/office/").status_code == 200
    other = OfficeBrowser(staffed)
    other.get("/office/first")
    assert other.post("/office/first", {"login": "ben", "code": code}).status_code == 403


@pytest.mark.parametrize("password", ["short", "ben ben ben ben", "aaaaaaaaaaaaaaaa", "x" * 300])
def test_a_password_that_would_be_guessed_is_refused(staffed: ServerContext, password: str) -> None:
    """Too short, too long, one's own name, one letter."""
    code = invite(staffed, "ben", MANAGER)
    browser = OfficeBrowser(staffed)
    browser.get("/office/first")
    browser.post("/office/first", {"login": "ben", "code": code})
    browser.get("/office/first/set-up")
    form = {"password": password, "again": password, "code": "123456"}
    assert browser.post("/office/first/set-up", form).status_code == 422


def test_password_and_code_let_in_and_each_code_works_once(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """RFC 6238, section 5.2: the second use of a code is refused, also in another browser."""
    seed, _codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    browser, thief = OfficeBrowser(staffed), OfficeBrowser(staffed)
    assert _enter(browser, " BEN ", seed) == 303
    assert "Ben" in browser.get("/office/account").get_data(as_text=True)
    assert _enter(thief, "ben", seed) == 403
    clock.go_on(minutes=1)
    assert _enter(thief, "ben", seed) == 303


def test_a_recovery_code_stands_in_for_the_app_once(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """However it is typed; the second time it is worth nothing."""
    seed, codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    said = codes[3].lower().replace("-", " ")
    assert _enter(OfficeBrowser(staffed), "ben", seed, code=said) == 303
    assert _enter(OfficeBrowser(staffed), "ben", seed, code=said) == 403


def test_no_secret_lies_in_the_store_in_the_clear(staffed: ServerContext) -> None:
    """Password, seed, codes and session ids: a copy of the database lets nobody in."""
    seed, codes = with_password(staffed, "ben", MANAGER)
    browser = signed_in_as(staffed, "ana", MANAGER)
    with reading(staffed.engine) as conn:
        kept = "".join(
            str(conn.execute(table.select()).all())
            for table in (accounts, account_codes, office_sessions)
        )
    assert "$argon2id$v=19$m=65536,t=3" in kept
    plain = [code.replace("-", "") for code in codes]
    for secret in (PASSWORD, seed, browser.cookie("office_session"), *codes, *plain):
        assert secret not in kept


def test_every_wrong_answer_sounds_the_same(staffed: ServerContext, clock: FixedClock) -> None:
    """Unknown name, wrong password, wrong code, disabled, not set up: one status, one text."""
    seed, _codes = with_password(staffed, "ben", MANAGER)
    with_password(staffed, "old", MANAGER)
    disable(staffed, "old", by="test")
    invite(staffed, "new", MANAGER)
    clock.go_on(minutes=1)
    right = pyotp.TOTP(seed).at(clock.now())
    said = set()
    for login, password, code in (
        ("nobody", PASSWORD, right),
        ("ben", "another password", right),
        ("ben", PASSWORD, "000000"),
        ("old", PASSWORD, right),
        ("new", PASSWORD, right),
    ):
        browser = OfficeBrowser(staffed)
        status = _enter(browser, login, seed, password=password, code=code)
        said.add((status, browser.page.partition('role="alert"')[2].partition("</div>")[0]))
    assert len(said) == 1
    assert next(iter(said))[0] == 403


def test_unknown_accounts_take_as_long_as_known_ones(
    staffed: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work is done for both: one argon2 check each, against nobody's password where there is none."""
    with_password(staffed, "ben", MANAGER)
    checked: list[bool] = []

    def counting(stored: str | None, said: str) -> bool:
        checked.append(stored is None)
        return is_password(stored, said)

    monkeypatch.setattr(sign_in_step, "is_password", counting)
    for login in ("ben", "nobody"):
        with pytest.raises(UnauthorisedError):
            sign_in_step.sign_in(staffed, login, "a wrong password", "000000", VISITOR)
    assert checked == [False, True]


def test_brute_force_is_slowed_down(staffed: ServerContext, clock: FixedClock) -> None:
    """Five slips are free; then waits double up to a quarter of an hour, and the right answer waits too."""
    seed, _codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    guesser = OfficeBrowser(staffed)
    said = [_enter(guesser, "ben", seed, password=f"guess {n}" + "x" * 8) for n in range(7)]
    assert said == [403] * 5 + [429] * 2
    assert "Wait 30 seconds" in guesser.page
    assert _enter(guesser, "ben", seed) == 429
    clock.go_on(seconds=31)
    assert _enter(guesser, "ben", seed, password="x" * 20) == 403
    clock.go_on(seconds=31)
    assert _enter(guesser, "ben", seed) == 429
    clock.go_on(seconds=31)
    assert _enter(guesser, "ben", seed) == 303


def test_guessing_from_everywhere_is_slowed_down_too(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """All strangers of a name share a count: a thousand addresses guess no faster than thirty do."""
    seed, _codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    visitors = [Visitor(f"198.51.100.{n}") for n in range(40)]
    waited = 0
    for visitor in visitors:
        try:
            sign_in_step.sign_in(staffed, "ben", "", "000000", visitor)
        except UnauthorisedError as error:
            waited += error.code == "429.90"
    assert waited == 10
    assert _enter(OfficeBrowser(staffed), "ben", seed) == 429


def test_lock_out_cannot_be_used_against_others(staffed: ServerContext, clock: FixedClock) -> None:
    """However many guess at a name, the browser that its owner has used before is let in at once."""
    seed, _codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    own = OfficeBrowser(staffed)
    assert _enter(own, "ben", seed) == 303
    own.get("/office/")
    own.post("/office/sign-out")
    clock.go_on(seconds=10)
    for n in range(40):
        for address in (own.address, f"198.51.100.{n}"):
            with pytest.raises(UnauthorisedError):
                sign_in_step.sign_in(staffed, "ben", "", "000000", Visitor(address, "", f"{n}.x"))
    clock.go_on(seconds=21)
    assert _enter(OfficeBrowser(staffed), "ben", seed) == 429
    assert _enter(own, "ben", seed) == 303


def test_a_mark_of_one_account_does_not_help_at_another(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """Whoever has an account cannot use their browser's mark to guess at a colleague's faster."""
    seed, _codes = with_password(staffed, "ana", MANAGER)
    with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    browser = OfficeBrowser(staffed)
    assert _enter(browser, "ana", seed) == 303
    browser.get("/office/")
    browser.post("/office/sign-out")
    said = [_enter(browser, "ben", seed, password="wrong" * 3) for _ in range(6)]
    assert said == [403] * 5 + [429]


def test_a_reset_shuts_the_old_means_out_and_ends_sessions(
    staffed: ServerContext, clock: FixedClock
) -> None:
    """Password, app and open pages are worth nothing; the new invitation works."""
    seed, codes = with_password(staffed, "ben", MANAGER)
    clock.go_on(minutes=1)
    browser = OfficeBrowser(staffed)
    assert _enter(browser, "ben", seed) == 303
    code, _until = reset(staffed, "ben", clock.now() - clock.now().replace(hour=9), by="test")
    assert browser.get("/office/").status_code == 303
    clock.go_on(minutes=1)
    assert _enter(OfficeBrowser(staffed), "ben", seed) == 403
    assert _enter(OfficeBrowser(staffed), "ben", seed, code=codes[0]) == 403
    late = OfficeBrowser(staffed)
    late.get("/office/first")
    clock.go_on(hours=2)
    assert late.post("/office/first", {"login": "ben", "code": code}).status_code == 403
