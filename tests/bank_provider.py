"""The bank's own sign-in for tests: a real OpenID provider on loopback, of Authlib's provider classes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from flask import Flask, Response, jsonify
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from fieldsync.ports import Clock

CLIENT_ID, CLIENT_SECRET = "fieldsync-office", "between the bank and us"
_LASTS_S = 300


class _Client(ClientMixin):  # type: ignore[misc]  # authlib ships no types
    """Our server, as the bank knows it."""

    def __init__(self, provider: "BankProvider") -> None:
        self._provider = provider

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self._provider.back_to

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self._provider.back_to

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was given out."""

    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    user: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class BankProvider:
    """The provider: who is signed in there, and what an attacker changes on the way (`lies`)."""

    clock: Clock
    back_to: str
    user: str = "7f3c2a"
    issuer: str = ""
    lies: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "bank"}, private=True)
    )
    codes: dict[str, _Code] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def claims(self) -> dict[str, Any]:
        """What stands in a token besides the person, by the test's clock."""
        now = int(self.clock.now().timestamp())
        told = {"iss": self.issuer, "aud": [CLIENT_ID], "iat": now, "exp": now + _LASTS_S}
        return {**told, "auth_time": now, **self.lies}


def _grant(provider: BankProvider) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            provider.asked.append(dict(data))
            provider.codes[code] = _Code(
                request.payload.redirect_uri,
                request.payload.scope,
                data.get("nonce"),
                data.get("code_challenge"),
                data.get("code_challenge_method"),
                request.user,
            )

        def query_authorization_code(self, code: str, _client: object) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            provider.codes = {
                k: v for k, v in provider.codes.items() if v is not authorization_code
            }

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.user

    return Grant


def _identity(provider: BankProvider) -> OpenIDCode:
    class Identity(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, _request: object) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, _client: object) -> RSAKey:
            return provider.signs_with or provider.key

        def get_client_claims(self, _client: object) -> dict[str, Any]:
            return provider.claims()

        def get_authorization_code_claims(self, authorization_code: _Code) -> dict[str, Any]:
            return {"nonce": authorization_code.nonce, **provider.lies}

        def get_encode_header(self, _client: object) -> dict[str, str]:
            return {"alg": "RS256", "kid": "bank"}

        def generate_user_info(self, user: str, _scope: str) -> UserInfo:
            return UserInfo(sub=user)

    return Identity(require_nonce=True)


def _app(provider: BankProvider) -> Flask:
    app = Flask("bank")
    client = _Client(provider)
    server = AuthorizationServer(
        app,
        query_client=lambda client_id: client if client_id == CLIENT_ID else None,
        save_token=lambda _token, _request: None,
    )
    server.register_grant(_grant(provider), [CodeChallenge(required=True), _identity(provider)])

    @app.get("/.well-known/openid-configuration")
    def about() -> Response:
        names = {"authorization_endpoint": "ask", "token_endpoint": "token", "jwks_uri": "keys"}
        places = {name: f"{provider.issuer}/{path}" for name, path in names.items()}
        return jsonify({"issuer": provider.issuer, **places})

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(KeySet([provider.key]).as_dict(private=False))

    @app.get("/ask")
    def ask() -> Any:
        grant = server.get_consent_grant(end_user=provider.user)
        return server.create_authorization_response(grant_user=provider.user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


@contextmanager
def bank_provider(clock: Clock, back_to: str) -> Iterator[BankProvider]:
    """The provider at an address of its own, until the end."""
    provider = BankProvider(clock, back_to)
    served = make_server("127.0.0.1", 0, _app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        served.shutdown()
        thread.join()
        served.server_close()
