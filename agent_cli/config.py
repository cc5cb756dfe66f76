"""Settings of the field program: flags > environment > config.toml in the device's folder > defaults."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from fieldsync.errors import InputError
from fieldsync.locale import language_of_environment, normalise
from fieldsync.words import words

PROGRAM = "fieldsync"
HOME_VARIABLE = "FIELDSYNC_HOME"
CONFIG_NAME = "config.toml"

# Every setting an officer may change, with its default; docs/reference/settings.md explains each.
DEFAULTS: Mapping[str, str] = {
    "language": "",
    "partner": "",
    "timeout_s": "20",
    "ca_file": "",
    "chunk_kib": "1024",
    "sealed_days": "90",
    "lock_after_minutes": "30",
}
DEFAULT = "default"
_VARIABLES = {name: f"FIELDSYNC_{name.upper()}" for name in DEFAULTS}
_TIMEOUT_MAX_S = 600
# The server takes a file in 4096 pieces at most; a larger piece is lost whole where a line breaks.
_CHUNK_KIB = range(16, 20481)
# No backup is put back that is older than some years.
_SEALED_DAYS = range(1, 3651)
# 0: the keys are never kept, every command asks. No longer than a working day.
_LOCK_MINUTES = range(721)


@dataclass(frozen=True, slots=True)
class Options:
    """What was said before the command: `--home` and `--no-input`."""

    home: str | None = None
    no_input: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it came from: environment, file or default."""

    name: str
    value: str
    origin: str


def home_of(flag: str | None) -> Path:
    """The device's folder by flag, environment, or the system's place for a program's files."""
    return Path(flag or os.environ.get(HOME_VARIABLE) or click.get_app_dir(PROGRAM))


def read_file(home: Path) -> dict[str, str]:
    """What config.toml says; nothing where there is none. InputError 600.1 where it cannot be read."""
    path = home / CONFIG_NAME
    if not path.is_file():
        return {}
    from fieldsync.domain.toml_text import read_toml

    try:
        data = read_toml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            "600.1",
            words("{path} is not a valid TOML file: {error}", path=str(path), error=str(error)),
            words("Mend it in an editor, or delete it to return to the defaults."),
        ) from error
    return {name: str(data[name]) for name in DEFAULTS if name in data}


def settings(home: Path) -> dict[str, Setting]:
    """Every setting with its origin."""
    in_file = read_file(home)
    found = {}
    for name, default in DEFAULTS.items():
        in_environment = os.environ.get(_VARIABLES[name], "")
        if in_environment:
            found[name] = Setting(name, in_environment, _VARIABLES[name])
        elif name in in_file:
            found[name] = Setting(name, in_file[name], CONFIG_NAME)
        else:
            found[name] = Setting(name, default, DEFAULT)
    return found


def sound_value(home: Path, name: str) -> str:
    """One setting, wherever it came from, checked like one that is set: see `checked`."""
    return checked(name, settings(home)[name].value)


def language_of(home: Path) -> str:
    """The officer's language: the setting, or else what the terminal asks for."""
    chosen = os.environ.get(_VARIABLES["language"]) or read_file(home).get("language", "")
    return normalise(chosen) or language_of_environment(os.environ)


def checked(name: str, value: str) -> str:
    """The value as it is stored; InputError 600.2, 600.3 or 600.19 where it is none of ours."""
    if name not in DEFAULTS:
        raise InputError(
            "600.2",
            words("There is no setting {name}.", name=name),
            words("Settings are: {names}.", names=", ".join(DEFAULTS)),
        )
    if name == "language" and normalise(value) is None:
        raise _wrong_value(name, value, "zh, en")
    if name == "timeout_s" and not _is_in(value, range(1, _TIMEOUT_MAX_S + 1)):
        raise _wrong_value(name, value, f"1-{_TIMEOUT_MAX_S}")
    if name == "chunk_kib" and not _is_in(value, _CHUNK_KIB):
        raise _wrong_value(name, value, f"{_CHUNK_KIB[0]}-{_CHUNK_KIB[-1]}")
    if name == "sealed_days" and not _is_in(value, _SEALED_DAYS):
        raise _wrong_value(name, value, f"{_SEALED_DAYS[0]}-{_SEALED_DAYS[-1]}")
    if name == "lock_after_minutes" and not _is_in(value, _LOCK_MINUTES):
        raise _wrong_value(name, value, f"{_LOCK_MINUTES[0]}-{_LOCK_MINUTES[-1]}")
    if name == "ca_file" and value and not Path(value).is_file():
        raise InputError(
            "600.19",
            words("There is no certificate file {path}.", path=value),
            words("Give the file the office handed out: `fieldsync config set ca_file FILE`."),
        )
    return (normalise(value) or value) if name == "language" else value


def write_setting(home: Path, name: str, value: str) -> None:
    """Store one setting; the file is replaced whole, so that it is never half written."""
    values = read_file(home) | {name: checked(name, value)}
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in values.items()]
    aside = home / f".{CONFIG_NAME}.new"
    aside.write_text("".join(lines), encoding="utf-8")
    aside.replace(home / CONFIG_NAME)


def _is_in(value: str, numbers: range) -> bool:
    """A number of a few digits in the range; thousands of digits Python would not even read."""
    return value.isdecimal() and len(value) <= len(str(numbers[-1])) and int(value) in numbers


def _wrong_value(name: str, value: str, allowed: str) -> InputError:
    return InputError(
        "600.3",
        words("{value} is no value for the setting {name}.", value=repr(value), name=name),
        words("Allowed: {allowed}.", allowed=allowed),
    )
