"""Reads single cells of a book: text to a value, or a CellError that says what to do."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fieldsync.schemas.fault import CellError, Fault, unknown_word
from fieldsync.words import words

E = TypeVar("E", bound=StrEnum)

LONGEST_CELL_CHARACTERS = 500
_LONGEST_ID_CHARACTERS = 100
CONSENT_KINDS = ("hours", "enter", "sensitive_data", "home_visit")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SEPARATORS = re.compile(r"[;；,，、|]")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(\d{1,2})[:：时点](\d{2})分?(?:[:：]?(\d{2})(?:\.\d+)?秒?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_AMOUNT_MARKS = str.maketrans("", "", ",， ￥¥$€£元\u00a0")
_AMOUNT = re.compile(r"\d{1,13}(?:\.\d{1,8})?", re.ASCII)
_LONGEST_OVERDUE_DAYS = 36_500
_WHOLE = re.compile(r"\d{1,9}(?:\.0+)?")


NOT_DEGREES = Fault(
    "422.107",
    words("This is not a coordinate in decimal degrees."),
    words("Write it like 22.540796: latitude -90 to 90, longitude -180 to 180."),
)


def text(value: str) -> str:
    """Any text, not too long for a cell; line breaks and control characters become spaces."""
    if len(value) > LONGEST_CELL_CHARACTERS:
        raise CellError(
            Fault(
                "422.120",
                words("The text is longer than {limit} characters.", limit=LONGEST_CELL_CHARACTERS),
                words("Shorten it; a missing quote may have joined several cells."),
            )
        )
    return _CONTROLS.sub(" ", value)


def identifier(value: str) -> str:
    """A number or code of the bank's: short, on one line."""
    if len(value) > _LONGEST_ID_CHARACTERS or _CONTROLS.search(value):
        raise CellError(
            Fault(
                "422.121",
                words("This is not a number or code of at most 100 characters on one line."),
                words("Compare it with the bank's system."),
            )
        )
    return value


def language(value: str) -> str:
    """A language tag such as zh-CN or en; `zh` is taken as zh-CN."""
    if not _LANGUAGE.fullmatch(value):
        raise CellError(unknown_word(value, "zh-CN, en, yue, ug"))
    return "zh-CN" if value.lower() in {"zh", "zh-cn", "zh_cn"} else value


def parts(value: str) -> tuple[str, ...]:
    """The items of a list cell, separated by ; , 、 or |."""
    return tuple(item.strip() for item in _SEPARATORS.split(value) if item.strip())


def languages(value: str) -> tuple[str, ...]:
    """Language tags, each once."""
    return tuple(dict.fromkeys(language(item) for item in parts(value)))


def skills(value: str) -> tuple[str, ...]:
    """The bank's own words for what officers are trained in, each once, in small letters."""
    return tuple(dict.fromkeys(item.lower() for item in parts(value)))


def amount(value: str) -> str:
    """An amount of money as a plain decimal, its thousands marks and currency sign taken off."""
    plain = value.translate(_AMOUNT_MARKS)
    if not _AMOUNT.fullmatch(plain):
        raise CellError(
            Fault(
                "422.102",
                words("This is not an amount of money."),
                words("Write it like 12345.60, not below zero."),
            )
        )
    return plain


def whole_number(value: str) -> int:
    """A count of days or stops, zero or more."""
    if not _WHOLE.fullmatch(value) or int(float(value)) > _LONGEST_OVERDUE_DAYS:
        raise CellError(
            Fault(
                "422.106",
                words("This is not a whole number from 0 to {most}.", most=_LONGEST_OVERDUE_DAYS),
                words("Write digits only, like 95."),
            )
        )
    return int(float(value))


def degrees(value: str) -> float:
    """A coordinate in decimal degrees."""
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not -180 <= number <= 180:  # noqa: PLR2004 - degrees; also refuses what is not a number
        raise CellError(NOT_DEGREES)
    return number


def day(value: str) -> date:
    """A date: 2026-11-24, 2026/11/24, 2026.11.24, 20261124 or 2026年11月24日; a time after it is dropped."""
    found, rest = _day_and_rest(value, _NO_DATE)
    if rest and _TIME.fullmatch(rest) is None:
        raise CellError(_NO_DATE)
    return found


def local_time(value: str) -> datetime:
    """A date with a time (midnight if none), naive unless it carries an offset."""
    found, rest = _day_and_rest(value, _NO_TIME)
    if not rest:
        return datetime.combine(found, time())
    match = _TIME.fullmatch(rest)
    if match is None:
        raise CellError(_NO_TIME)
    hour, minute, second, offset = match.groups()
    clock = f"{int(hour):02d}:{minute}:{second or '00'}{offset or ''}"
    try:
        return datetime.fromisoformat(f"{found.isoformat()}T{clock}")
    except ValueError as error:
        raise CellError(_NO_TIME) from error


def clock_time(value: str) -> time:
    """A time of day such as 08:30."""
    match = _TIME.fullmatch(value)
    try:
        return time(int(match[1]), int(match[2])) if match else time.fromisoformat(value)
    except ValueError as error:
        raise CellError(
            Fault("422.105", words("This is not a time of day."), words("Write it like 08:30."))
        ) from error


@cache
def zone(value: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CellError(
            unknown_word(value, "Asia/Shanghai, Asia/Urumqi, Asia/Hong_Kong")
        ) from error


def one_of(kind: type[E]) -> Callable[[str], E]:
    """A reader of one code of an enumeration, in any case of letters."""
    known = {member.value.lower(): member for member in kind}

    def read(value: str) -> E:
        found = known.get(value.lower())
        if found is None:
            raise CellError(unknown_word(value, ", ".join(kind)))
        return found

    return read


def choice(*known: str) -> Callable[[str], str]:
    """A reader of one of a few fixed words."""

    def read(value: str) -> str:
        if value.lower() not in known:
            raise CellError(unknown_word(value, ", ".join(known)))
        return value.lower()

    return read


def consents(value: str) -> tuple[tuple[str, date, date | None], ...]:
    """Consents such as `hours 2026-11-01/2026-12-31; enter 2026-11-01`: kind, first and last day."""
    read_kind = choice(*CONSENT_KINDS)
    found = []
    for item in parts(value):
        kind, _gap, span = item.partition(" ")
        first, _slash, last = span.partition("/")
        found.append((read_kind(kind), day(first.strip()), day(last.strip()) if last else None))
    return tuple(found)


def several_of(kind: type[E]) -> Callable[[str], frozenset[E]]:
    """A reader of a list cell of codes."""
    read = one_of(kind)
    return lambda value: frozenset(read(item) for item in parts(value))


_NO_DATE = Fault(
    "422.104",
    words("There is no such date."),
    words("Write it like 2026-11-24, 2026/11/24 or 2026年11月24日."),
)
_NO_TIME = Fault(
    "422.105",
    words("There is no such date and time."),
    words("Write it like 2026-11-24 10:30."),
)


def _day_and_rest(value: str, fault: Fault) -> tuple[date, str]:
    match = _DATE.match(value) or _COMPACT_DATE.match(value)
    if match is None:
        raise CellError(fault)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise CellError(fault) from error
    rest = value[match.end() :].removeprefix("T").strip()
    return found, rest
