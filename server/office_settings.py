"""The section [office] of the settings: where people find the office's pages, and the bank's own sign-in."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from fieldsync.errors import InputError
from fieldsync.words import words

SECRET_VARIABLE = "FIELDSYNC_OIDC_CLIENT_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """How people reach the office.

    `public_url` is what they type, without a path; empty for whatever the request says, on this
    machine alone. `proxies` counts the trusted proxies that say whose address a request is from.
    `oidc_issuer` and `oidc_client_id` name the bank's own sign-in; the secret of this client comes
    from the environment or a file, and is empty for one that has none.
    """

    public_url: str = ""
    proxies: int = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret_file: str = ""
    oidc_secret: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether people come by TLS: then cookies are kept to it."""
        return self.public_url.startswith("https://")

    @property
    def asks_bank(self) -> bool:
        """Whether the bank's own sign-in is set up."""
        return bool(self.oidc_issuer and self.oidc_client_id)


def read_office(section: object, path: Path) -> OfficeSettings:
    """The settings in the section; InputError 422.900 naming the setting that is wrong."""
    if not isinstance(section, Mapping):
        raise wrong_setting("office", path)
    known = {field.name: field for field in fields(OfficeSettings)}
    for name, value in section.items():
        # A secret does not stand in the settings, where backups and colleagues read it.
        if name == "oidc_secret" or name not in known or type(value) is not known[name].type:
            raise wrong_setting(f"office.{name}", path)
    settings = OfficeSettings(**{**section, "oidc_secret": _secret(section, path)})
    _check_address("office.public_url", settings.public_url, path, bare=True)
    _check_address("office.oidc_issuer", settings.oidc_issuer, path, bare=False)
    if settings.proxies < 0 or bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        raise wrong_setting(
            "office.proxies" if settings.proxies < 0 else "office.oidc_client_id", path
        )
    return settings


def _secret(section: Mapping[str, object], path: Path) -> str:
    said = os.environ.get(SECRET_VARIABLE, "")
    name = str(section.get("oidc_secret_file", ""))
    if said or not name:
        return said
    try:
        return (path.parent / name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise wrong_setting("office.oidc_secret_file", path) from error


def _check_address(name: str, said: str, path: Path, *, bare: bool) -> None:
    """TLS, but for this machine; `bare`: nothing after the port."""
    if not said:
        return
    parts = urlsplit(said)
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise wrong_setting(name, path)
    if not parts.hostname or parts.query or parts.fragment or (bare and parts.path):
        raise wrong_setting(name, path)


def wrong_setting(name: str, path: Path) -> InputError:
    """What is said of a setting in a section that cannot be read."""
    return InputError(
        "422.900",
        words("The setting {name} in {path} cannot be read.", name=name, path=str(path)),
        words("docs/reference/settings.md says what it takes."),
    )
