"""Passkeys (WebAuthn): what a browser is asked, and whether its answer holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fieldsync.domain import base64url
from fieldsync.errors import UnauthorisedError
from fieldsync.words import words


@dataclass(frozen=True, slots=True)
class Site:
    """Whom passkeys are for: the name of the site without its port, and its whole origin."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is stored: base64url of its id and public key, and how often it was used."""

    credential_id: str
    public_key: str
    sign_count: int


def ask_new(site: Site, account_id: str, login: str, known: Sequence[str], challenge: bytes) -> str:
    """What the browser is asked to make one (JSON): kept on the device, behind its own lock."""
    options = generate_registration_options(
        rp_id=site.name,
        rp_name="Fieldsync",
        user_id=account_id.encode(),
        user_name=login,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url.decode(one)) for one in known
        ],
    )
    return options_to_json(options)


def check_new(site: Site, answer: str, challenge: bytes) -> Passkey:
    """The passkey that was made; UnauthorisedError 403.904 where the answer does not hold."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise _refused() from error
    return Passkey(
        base64url.encode(made.credential_id),
        base64url.encode(made.credential_public_key),
        made.sign_count,
    )


def ask_sign_in(site: Site, challenge: bytes) -> str:
    """What the browser is asked to sign in (JSON); it names no account, so it tells of none."""
    options = generate_authentication_options(
        rp_id=site.name,
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def credential_of(answer: str) -> str:
    """Which passkey the answer is of; UnauthorisedError 403.904 where it is no answer."""
    try:
        return base64url.encode(parse_authentication_credential_json(answer).raw_id)
    except (WebAuthnException, ValueError) as error:
        raise _refused() from error


def check_sign_in(site: Site, answer: str, challenge: bytes, stored: Passkey) -> int:
    """How often the passkey was used by now; UnauthorisedError 403.904 where the answer does not hold."""
    try:
        checked = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=base64url.decode(stored.public_key),
            credential_current_sign_count=stored.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise _refused() from error
    return checked.new_sign_count


def _refused() -> UnauthorisedError:
    return UnauthorisedError(
        "403.904",
        words("The passkey was not accepted."),
        words("Try again, or sign in with your password."),
    )
