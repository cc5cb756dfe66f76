"""Asks the bank's own sign-in who somebody is (OpenID Connect: code with PKCE, state and nonce)."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fieldsync.errors import UnauthorisedError, UnreachableError
from fieldsync.words import words
from server.office_settings import OfficeSettings

_TIMEOUT_S = 10
_LEEWAY_S = 60
# Signatures by a published key; never `none`, and never a secret that both sides know.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes out with somebody, and is compared with what comes back."""

    state: str
    nonce: str
    verifier: str


def address_to_ask(settings: OfficeSettings, back_to: str, asked: Asked) -> str:
    """Where the browser is sent; UnreachableError 502.90 where the bank's sign-in does not answer."""
    with _client(settings, back_to) as client:
        known = _metadata(client, settings)
        address, _state = client.create_authorization_url(
            known["authorization_endpoint"],
            state=asked.state,
            nonce=asked.nonce,
            code_verifier=asked.verifier,
        )
    return str(address)


def subject_of_answer(
    settings: OfficeSettings,
    back_to: str,
    asked: Asked,
    answer: Mapping[str, str],
    now: datetime,
) -> str:
    """Who the bank says that they are (`sub`).

    UnauthorisedError 403.908 where the answer is not to what was asked, not for us, not by the bank or
    too old; UnreachableError 502.90 where the bank's sign-in does not answer.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
        raise _refused("state")
    if "code" not in answer or answer.get("iss", settings.oidc_issuer) != settings.oidc_issuer:
        raise _refused(answer.get("error", "code"))
    with _client(settings, back_to) as client:
        known = _metadata(client, settings)
        try:
            token = client.fetch_token(
                known["token_endpoint"],
                code=answer["code"],
                code_verifier=asked.verifier,
                timeout=_TIMEOUT_S,
            )
        except (OAuthError, requests.RequestException, json.JSONDecodeError) as error:
            raise _refused(str(getattr(error, "error", "token"))) from error
        keys = _json(client, known["jwks_uri"])
    return _subject(settings, token, keys, asked.nonce, now)


def _subject(
    settings: OfficeSettings,
    token: Mapping[str, Any],
    keys: Any,
    nonce: str,
    now: datetime,
) -> str:
    try:
        decoded = jwt.decode(
            str(token.get("id_token", "")), KeySet.import_key_set(keys), algorithms=_ALGORITHMS
        )
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": settings.oidc_issuer},
                "aud": {"essential": True, "value": settings.oidc_client_id},
            },
            params={
                "nonce": nonce,
                "client_id": settings.oidc_client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
    except (JoseError, ValueError, KeyError) as error:
        raise _refused(type(error).__name__) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise _refused("sub")
    return subject


def _client(settings: OfficeSettings, back_to: str) -> Any:
    secret = settings.oidc_secret
    client = OAuth2Session(
        settings.oidc_client_id,
        secret or None,
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        scope="openid",
        redirect_uri=back_to,
        code_challenge_method="S256",
    )
    # Neither a netrc file nor the environment's proxies and authorities have a say.
    client.trust_env = False
    return client


def _metadata(client: Any, settings: OfficeSettings) -> dict[str, Any]:
    known = _json(client, settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
    if known.get("issuer") != settings.oidc_issuer:
        raise _away("issuer")
    return known


def _json(client: Any, address: str) -> dict[str, Any]:
    try:
        answer = client.get(address, timeout=_TIMEOUT_S, withhold_token=True, allow_redirects=False)
        answer.raise_for_status()
        return dict(answer.json())
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise _away(type(error).__name__) from error


def _refused(why: str) -> UnauthorisedError:
    return UnauthorisedError(
        "403.908",
        words("The bank's sign-in was not accepted ({why}).", why=why[:40]),
        words("Begin again from the sign-in page."),
    )


def _away(why: str) -> UnreachableError:
    return UnreachableError(
        "502.90",
        words("The bank's sign-in does not answer ({why}).", why=why),
        words("Sign in with your password or passkey, and tell the operator."),
    )
