"""Signing in by the bank's own sign-in, against a real OpenID provider; what an attacker changes is noticed."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from server.context import ServerContext
from server.office_settings import OfficeSettings
from server.security.permissions import Grant, Role
from server.workflow.manage_accounts import disable
from tests.bank_provider import CLIENT_ID, CLIENT_SECRET, BankProvider, bank_provider
from tests.fakes import FixedClock
from tests.server.office_browser import OfficeBrowser, invite

REVIEWER = Grant(Role.REVIEWER, "SZ-NANSHAN")
BACK_TO = "http://localhost/office/bank/back"


@pytest.fixture
def provider(clock: FixedClock) -> Iterator[BankProvider]:
    """The bank's own sign-in."""
    with bank_provider(clock, BACK_TO) as running:
        yield running


@pytest.fixture
def office(staffed: ServerContext, provider: BankProvider) -> ServerContext:
    """The server with that sign-in in its settings."""
    settings = OfficeSettings(
        oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_secret=CLIENT_SECRET
    )
    return dataclasses.replace(staffed, config=dataclasses.replace(staffed.config, office=settings))


def _away(browser: OfficeBrowser) -> str:
    """To the bank and back again: the address at which the browser arrives, with its query."""
    sent = browser.get("/office/bank")
    assert sent.status_code == 303, browser.page
    answer = requests.get(sent.headers["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def test_the_bank_lets_in_whom_the_operator_tied_to_an_account(
    office: ServerContext, provider: BankProvider
) -> None:
    """Asked with PKCE, state and nonce; let in by a page of ours, since other sites bring no session."""
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    browser = OfficeBrowser(office)
    assert "Sign in with the bank" in browser.get("/office/sign-in").get_data(as_text=True)
    answer = browser.get(_away(browser))
    assert answer.status_code == 200
    assert "You are signed in" in browser.page
    assert "Ana (ana)" in browser.get("/office/account").get_data(as_text=True)
    (asked,) = provider.asked
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_whom_nobody_tied_to_an_account_stays_out(
    office: ServerContext, provider: BankProvider
) -> None:
    """Everybody at the bank can sign in there; and a disabled account stays disabled."""
    browser = OfficeBrowser(office)
    assert browser.get(_away(browser)).status_code == 403
    assert "403.909" in browser.page
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    disable(office, "ana", by="test")
    assert browser.get(_away(browser)).status_code == 403


def test_an_answer_counts_once_and_in_its_own_browser(
    office: ServerContext, provider: BankProvider
) -> None:
    """Login CSRF: the link of somebody else's answer signs nobody in; nor does one's own a second time."""
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    attacker, victim = OfficeBrowser(office), OfficeBrowser(office)
    link = _away(attacker)
    assert victim.get(link).status_code == 403
    victim.get("/office/bank")
    assert victim.get(link).status_code == 403
    assert "403.908" in victim.page
    own = _away(victim)
    assert victim.get(own).status_code == 200
    victim.client.delete_cookie("office_session")
    assert victim.get(own).status_code == 403


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "of-another-sign-in"},
        {"aud": ["another-client"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1_000_000_000},
        {"azp": "another-client"},
        {"sub": ""},
    ],
    ids=lambda lies: next(iter(lies)),
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    office: ServerContext, provider: BankProvider, lies: dict[str, object]
) -> None:
    """Signed by the bank's key, and of another sign-in, client, issuer or time."""
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    browser = OfficeBrowser(office)
    link = _away(browser)
    provider.lies = lies
    if "sub" in lies:
        provider.user = ""
        provider.codes = {
            code: dataclasses.replace(kept, user="") for code, kept in provider.codes.items()
        }
    assert browser.get(link).status_code == 403
    assert "403.908" in browser.page
    assert browser.get("/office/").status_code == 303


def test_a_token_of_another_key_is_refused(office: ServerContext, provider: BankProvider) -> None:
    """Under the name of the bank's key."""
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "bank"}, private=True)
    browser = OfficeBrowser(office)
    assert browser.get(_away(browser)).status_code == 403


def test_a_code_that_somebody_caught_is_worth_nothing(
    office: ServerContext, provider: BankProvider
) -> None:
    """PKCE: put into another sign-in, the provider refuses it, for the verifier differs."""
    invite(office, "ana", REVIEWER, bank_id=provider.user)
    caught = parse_qs(urlsplit(_away(OfficeBrowser(office))).query)["code"][0]
    thief = OfficeBrowser(office)
    state = parse_qs(urlsplit(_away(thief)).query)["state"][0]
    assert thief.get(f"/office/bank/back?code={caught}&state={state}").status_code == 403
    assert "invalid_grant" in thief.page


def test_a_provider_that_is_away_is_told(staffed: ServerContext) -> None:
    """502.90, and the way by password stays open."""
    settings = OfficeSettings(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT_ID)
    config = dataclasses.replace(staffed.config, office=settings)
    browser = OfficeBrowser(dataclasses.replace(staffed, config=config))
    assert browser.get("/office/bank").status_code == 502
    assert "502.90" in browser.page
    assert browser.get("/office/sign-in").status_code == 200


def test_a_provider_that_gives_itself_out_for_another_is_refused(
    office: ServerContext, provider: BankProvider
) -> None:
    """What it says of itself names the issuer of the settings, letter by letter, or nobody goes there."""
    provider.issuer += "/"
    browser = OfficeBrowser(office)
    assert browser.get("/office/bank").status_code == 502
    assert "502.90" in browser.page


def test_without_the_banks_sign_in_its_addresses_are_not_there(
    staffed: ServerContext, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it is not set up, nobody makes the server try it, nor fills the log with its failures."""
    browser = OfficeBrowser(staffed)
    for path in ("/office/bank", "/office/bank/back?state=x&code=y"):
        assert browser.get(path).status_code == 404
    assert "502.90" not in caplog.text
