"""The section [limits] of the settings: how much one device and one address may ask, and how slowly."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from server.office_settings import wrong_setting


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much is too much.

    `device_requests` may one device send in ten seconds; `source_refusals` requests that no device of
    ours signed are free for one address. A client may be silent for `slow_client_s` seconds within a
    request, and must bring some hundred bytes a second after that.
    """

    device_requests: int = 600
    source_refusals: int = 100
    slow_client_s: float = 30.0


def read_limits(section: object, path: Path) -> LimitSettings:
    """The settings in the section; InputError 422.900 naming the setting that is wrong."""
    if not isinstance(section, Mapping):
        raise wrong_setting("limits", path)
    known = {field.name: field.type for field in fields(LimitSettings)}
    for name, value in section.items():
        numbers = (int, float) if known.get(name) is float else (int,)
        if name not in known or type(value) not in numbers or not 0 < value < float("inf"):
            raise wrong_setting(f"limits.{name}", path)
    return LimitSettings(**section)
