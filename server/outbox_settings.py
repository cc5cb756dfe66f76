"""The section [notices] of the settings: on which channel borrowers are written to, and how to reach it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from fieldsync.errors import InputError
from fieldsync.words import words

PASSWORD_VARIABLE = "FIELDSYNC_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
CHANNELS = ("file", "smtp", "webhook")
TLS = ("tls", "starttls", "none")


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """How notices leave. `smtp_to` may hold `{phone}`, for gateways from mail to text messages."""

    channel: str = "file"
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_tls: str = "tls"
    smtp_user: str = ""
    smtp_password_file: str = ""
    smtp_from: str = ""
    smtp_to: str = ""
    webhook_url: str = ""
    timeout_s: int = 20

    def password(self) -> str:
        """The password of `smtp_user`, from the environment or its file; InputError 422.533 without."""
        said = os.environ.get(PASSWORD_VARIABLE, "")
        if said:
            return said
        try:
            return Path(self.smtp_password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise InputError(
                "422.533",
                words("The password of the mail server cannot be read."),
                words(
                    "Set {variable}, or name its file in `smtp_password_file`.",
                    variable=PASSWORD_VARIABLE,
                ),
            ) from error


def read_outbox(section: object, path: Path) -> OutboxSettings:
    """The settings in the section; InputError 422.532 naming the setting that is wrong."""
    if not isinstance(section, Mapping):
        raise _wrong("notices", path)
    known = {field.name: field for field in fields(OutboxSettings)}
    for name, value in section.items():
        if name not in known or type(value) is not known[name].type:
            raise _wrong(f"notices.{name}", path)
    settings = OutboxSettings(**section)
    _check("notices.channel", settings.channel, CHANNELS, path)
    _check("notices.smtp_tls", settings.smtp_tls, TLS, path)
    needed = {
        "file": (),
        "smtp": ("smtp_host", "smtp_from", "smtp_to"),
        "webhook": ("webhook_url",),
    }[settings.channel]
    for name in needed:
        if not section.get(name):
            raise _wrong(f"notices.{name}", path)
    return settings


def _check(name: str, value: str, allowed: tuple[str, ...], path: Path) -> None:
    if value not in allowed:
        raise _wrong(name, path)


def _wrong(name: str, path: Path) -> InputError:
    return InputError(
        "422.532",
        words("The setting {name} in {path} cannot be read.", name=name, path=str(path)),
        words("docs/reference/settings.md says what it takes."),
    )
