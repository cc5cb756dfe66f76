"""The section [mandate] of the settings: what officers may offer without asking, and how plans are kept."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from fieldsync.agreements.mandate import HOUSE_MANDATE, LEAST_INSTALMENT, Mandate
from fieldsync.domain.agreement import Component, PlanKind, PlanRules
from fieldsync.errors import InputError
from fieldsync.words import words

# Credit-card business measures 2011, art. 70: five years at most.
_LAW_MONTHS = 60
_A_YEAR_DAYS = 366
_RULES = frozenset(field.name for field in fields(PlanRules))

_Reader = Callable[[object, str, Path], Any]


def read_mandate_settings(section: object, path: Path) -> Mandate:
    """The mandate in the section, the shipped one where it says nothing.

    InputError 422.650 naming the setting that is wrong. A month the law does not allow cannot be
    mandated.
    """
    if not isinstance(section, Mapping):
        raise _wrong("mandate", path)
    said: dict[str, Any] = {}
    for name, value in section.items():
        reader = _READERS.get(name)
        if reader is None:
            raise _wrong(f"mandate.{name}", path)
        said[name] = reader(value, f"mandate.{name}", path)
    rules = {name: said.pop(name) for name in list(said) if name in _RULES}
    return replace(HOUSE_MANDATE, **said, rules=replace(HOUSE_MANDATE.rules, **rules))


def _whole(least: int, most: int) -> _Reader:
    def read(value: object, name: str, path: Path) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _wrong(name, path)
        return value

    return read


def _fraction(least: str, most: str) -> _Reader:
    """A decimal written as text, so that it never passes through binary floating point."""
    low, high = Decimal(least), Decimal(most)

    def read(value: object, name: str, path: Path) -> Decimal:
        try:
            said = Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
        except InvalidOperation:
            said = Decimal("NaN")
        if not said.is_finite() or not low <= said <= high:
            raise _wrong(name, path)
        return said

    return read


def _text(value: object, name: str, path: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, path)
    return value.strip()


def _kinds(value: object, name: str, path: Path) -> frozenset[PlanKind]:
    if (
        not isinstance(value, list)
        or not value
        or any(kind not in list(PlanKind) for kind in value)
    ):
        raise _wrong(name, path)
    return frozenset(PlanKind(kind) for kind in value)


def _waiver(value: object, name: str, path: Path) -> Mapping[Component, Decimal]:
    if not isinstance(value, Mapping) or any(part not in list(Component) for part in value):
        raise _wrong(name, path)
    share = _fraction("0", "1")
    return {Component(part): share(most, f"{name}.{part}", path) for part, most in value.items()}


def _allocation(value: object, name: str, path: Path) -> tuple[Component, ...]:
    if not isinstance(value, list) or sorted(map(str, value)) != sorted(Component):
        raise _wrong(name, path)
    return tuple(Component(part) for part in value)


def _flag(value: object, name: str, path: Path) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, path)
    return value


_READERS: Mapping[str, _Reader] = {
    "name": _text,
    "kinds": _kinds,
    "max_months": _whole(1, _LAW_MONTHS),
    "min_instalment": _fraction(str(LEAST_INSTALMENT), "1000000"),
    "min_down_payment": _fraction("0", "0.9"),
    "max_waiver": _waiver,
    "max_grace_months": _whole(0, _LAW_MONTHS),
    "max_yearly_rate": _fraction("0", "1"),
    "usual_yearly_rate": _fraction("0", "1"),
    "first_due_within_days": _whole(1, _A_YEAR_DAYS),
    "missed_in_a_row": _whole(1, 12),
    "grace_days": _whole(0, 90),
    "cooling_off_days": _whole(0, 90),
    "allocation": _allocation,
    "waiver_returns": _flag,
}


def _wrong(name: str, path: Path) -> InputError:
    return InputError(
        "422.650",
        words("The setting {name} in {path} cannot be read.", name=name, path=str(path)),
        words("docs/reference/settings.md says what [mandate] takes."),
    )
