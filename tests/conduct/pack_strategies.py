"""Any pack of the rule language and any facts it may be asked about, for properties over all of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from fieldsync.conduct.conditions.history import ATTEMPTS, CHANNELS, DAYS, Subject
from fieldsync.conduct.facts import Action, Facts, Manner, Notice, Place, Situation
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import (
    AgreementState,
    Channel,
    Consent,
    ContactAttempt,
    Flag,
    Hold,
    HoldKind,
    Reached,
)
from fieldsync.domain.place import AddressKind
from fieldsync.domain.verdict import Effect, Strength

DAY = date(2026, 11, 24)
# New York moves its clocks on 8 March and 1 November 2026.
DAYS_TRIED = st.sampled_from([DAY, date(2026, 3, 8), date(2026, 11, 1)])
PLACES = st.builds(
    Place,
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kolkata"]),
    kind=st.sampled_from(AddressKind),
    country=st.sampled_from(["CN", "US", ""]),
    subdivision=st.sampled_from(["", "MA"]),
    known_invalid=st.booleans(),
)
_CONSENTS = ["hours", "enter", "home_visit", "sensitive_data"]
_TRUE = st.just(value=True)
_NAMES = ["", "a", "b"]


def _codes(kind: Any) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([code.value for code in kind]), min_size=1, unique=True)


@st.composite
def _history(draw: st.DrawFn) -> dict[str, Any]:
    table: dict[str, Any] = {"count": draw(st.sampled_from([ATTEMPTS, DAYS, CHANNELS]))}
    for name, kind in (("channels", Channel), ("reached", Reached), ("subject", Subject)):
        if draw(st.booleans()):
            table[name] = draw(_codes(kind))
    if draw(st.booleans()):
        table["by"] = draw(st.lists(st.sampled_from(["bank", "agency"]), min_size=1))
    rolling, least = draw(st.booleans()), draw(st.booleans())
    table["rolling_days" if rolling else "calendar_days"] = draw(st.integers(1, 30))
    table["at_least" if least else "fewer_than"] = draw(st.integers(1, 4))
    if not rolling and draw(st.booleans()):
        table["ending_days_ago"] = draw(st.integers(1, 3))
    if least and draw(st.booleans()):
        table["allowance"] = draw(st.sampled_from(["cap", "other"]))
    return table


@st.composite
def _hours(draw: st.DrawFn) -> dict[str, Any]:
    opens, closes = sorted(draw(st.lists(st.integers(0, 95), min_size=2, max_size=2, unique=True)))
    clocks = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in (opens, closes)]
    return {"opens": clocks[0], "closes": clocks[1], "closes_included": draw(st.booleans())}


# Every word of the language; `joined` are those that hold other conditions.
PLAIN: Mapping[str, st.SearchStrategy[Any]] = {
    "always": _TRUE,
    "local_time_outside": _hours(),
    "consent": st.sampled_from(_CONSENTS),
    "in_agreed_window": _TRUE,
    "appointment": st.sampled_from(["today", "later", "elsewhere"]),
    "notice_shorter_than_hours": st.integers(1, 48),
    "public_holiday": st.sampled_from(["AU", "CN", "IN", "ZZ"]),
    "record_younger_than_years": st.integers(1, 3),
    "last_activity_within_years": st.integers(1, 3),
    "clock_implausible": _TRUE,
    "history": _history(),
    "flags": _codes(Flag),
    "agreement": _codes(AgreementState),
    "holds": _codes(HoldKind),
    "officers_fewer_than": st.integers(1, 3),
    "identity_not_shown": _TRUE,
    "place": _codes(AddressKind),
    "country_outside": st.just(["CN"]),
    "address_invalid": _TRUE,
    "number_invalid": _TRUE,
    "debt_told_in_words": _TRUE,
    "manners": _codes(Manner),
    "situations": _codes(Situation),
    "days_past_due_below": st.integers(1, 120),
    "promise_open": _TRUE,
}


def _table(words: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(st.sampled_from(sorted(words)), min_size=1, max_size=2, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: words[n] for n in chosen}))


def _joined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return _table(joined(inner))


def joined(inner: st.SearchStrategy[dict[str, Any]]) -> Mapping[str, st.SearchStrategy[Any]]:
    """The words that hold other conditions."""
    some = st.lists(inner, min_size=1, max_size=2)
    return {"all": some, "any": some, "unless": inner}


WHENS = st.recursive(_table(PLAIN), _joined, max_leaves=4)


def toml(value: Any) -> str:
    """A value of the rule language as TOML writes it inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = {toml(part)}' for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(part) for part in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


@st.composite
def _rules(draw: st.DrawFn, name: str, index: int, action: Action) -> str:
    others = draw(st.frozensets(st.sampled_from(Action), max_size=2))
    rule = {
        "id": f"{name}-{index}",
        "actions": [action.value, *sorted(others - {action})],
        "effect": draw(st.sampled_from(Effect)).value,
        "strength": draw(st.sampled_from(Strength)).value,
        "verified": draw(st.booleans()),
        "when": draw(WHENS),
        "message": {"en": "No.", "zh-CN": "不行。"},
    }
    if draw(st.booleans()):
        rule["effect_on"] = {action.value: draw(st.sampled_from(Effect)).value}
    lines = [f"{field} = {toml(value)}" for field, value in rule.items()]
    if draw(st.booleans()):
        lines.append(f"applies_from = {draw(st.sampled_from(['2026-11-24', '2026-11-25']))}")
    lines.append('citation = { instrument = "-", dated = 2026-01-01, read_at = "-" }')
    return "[[rules]]\n" + "\n".join(lines)


@st.composite
def packs(
    draw: st.DrawFn,
    name: str,
    action: Action = Action.VISIT_START,
    jurisdictions: tuple[str, ...] = ("*", "CN", "US", "US-MA"),
) -> Ruleset:
    """Any pack of the language, its rules about the action at least."""
    head = {
        "name": name,
        "version": "1",
        "jurisdiction": draw(st.sampled_from(jurisdictions)),
    }
    rules = [draw(_rules(name, index, action)) for index in range(draw(st.integers(1, 3)))]
    text = "\n".join([*(f"{field} = {toml(value)}" for field, value in head.items()), *rules])
    return parse_ruleset(text)


@st.composite
def instants(draw: st.DrawFn, day: date) -> datetime:
    """Whole quarters of an hour from a month before the day to a day after it."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return noon + timedelta(minutes=15 * draw(st.integers(-3_000, 100)))


@st.composite
def spans(draw: st.DrawFn, day: date) -> Window:
    """A span of up to ten hours, or one of days."""
    start = draw(instants(day))
    return Window(start, start + timedelta(minutes=15 * draw(st.integers(1, 400))))


@st.composite
def attempts(draw: st.DrawFn, day: date) -> ContactAttempt:
    """One contact of any kind, about anybody."""
    return ContactAttempt(
        draw(instants(day)),
        draw(st.sampled_from(Channel)),
        draw(st.sampled_from(Reached)),
        draw(st.sampled_from(_NAMES)),
        draw(st.sampled_from(["bank", "agency"])),
        draw(st.none() | st.just(day)),
        draw(st.sampled_from(_NAMES)),
        draw(st.sampled_from(_NAMES)),
        draw(st.sampled_from(_NAMES)),
    )


def _holds(day: date) -> st.SearchStrategy[Hold]:
    return st.builds(
        lambda span, kind, ends: Hold("h", kind, span.start, until=span.end if ends else None),
        spans(day),
        st.sampled_from(HoldKind),
        st.booleans(),
    )


def _consents(day: date) -> st.SearchStrategy[Consent]:
    return st.builds(
        lambda span, kind: Consent(kind, span.start, span.end),
        spans(day),
        st.sampled_from(_CONSENTS),
    )


def fields(day: date, action: Action) -> dict[str, st.SearchStrategy[Any]]:
    """A strategy for every field of the facts."""
    names = st.sampled_from(_NAMES)
    return {
        "action": st.just(action),
        "at": instants(day),
        "place": PLACES,
        "officers": st.lists(names, max_size=3).map(tuple),
        "flags": st.frozensets(st.sampled_from(Flag), max_size=2),
        "consents": st.lists(_consents(day), max_size=2).map(tuple),
        "history": st.lists(attempts(day), max_size=6).map(tuple),
        "agreement": st.sampled_from(AgreementState),
        "notice": st.none() | st.builds(Notice, instants(day), instants(day)),
        "holds": st.lists(_holds(day), max_size=2).map(tuple),
        "allowance": st.none() | st.dictionaries(st.just("cap"), st.integers(0, 2)),
        "appointment": st.none() | spans(day),
        "appointment_here": st.booleans(),
        "days_past_due": st.none() | st.integers(0, 200),
        "identity_shown": st.booleans(),
        "number": names,
        "person": names,
        "household": names,
        "debt": names,
        "number_invalid": st.booleans(),
        "debt_facts": st.lists(st.just("debt"), max_size=1).map(tuple),
        "manners": st.frozensets(st.sampled_from(Manner), max_size=1),
        "situations": st.frozensets(st.sampled_from(Situation), max_size=2),
        "record_at": st.none() | instants(day),
        "clock_plausible": st.booleans(),
    }


def facts(day: date, action: Action = Action.VISIT_START) -> st.SearchStrategy[Facts]:
    """Anything that may be known on the day."""
    return st.builds(Facts, **fields(day, action))
