"""The fields of a question to the rules, each with what should stand there; nothing else may."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from fieldsync.conduct.facts import Action, Manner, Situation
from fieldsync.conduct.local_time import zone_of
from fieldsync.domain.case import AgreementState, Channel, Flag, HoldKind, Reached
from fieldsync.domain.place import AddressKind
from fieldsync.errors import InputError
from fieldsync.schemas.fields import NAME_MAX, TEXT_MAX
from fieldsync.words import Words, words

UNKNOWN, MISSING = "unknown", "missing"
# One list for people: what stands on the case, what was seen at the door, and how somebody collected.
FLAG_CODES = (*Flag, *Situation, *Manner)
CONSENTS = ("hours", "enter", "sensitive_data", "home_visit")
# Beyond them a local day cannot be told in every zone.
_EARLIEST, _LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)

# Every cause that marshmallow's own fields tell apart.
_CAUSES = (
    *("invalid", "null", "validator_failed", "type", "too_large", "format"),
    *("invalid_utf8", "invalid_awareness"),
)

EXPECTED: dict[str, Words] = {
    "table": words("a JSON object"),
    "list": words("a list"),
    "text": words("a text that is not empty"),
    "instant": words("an instant with its offset, such as 2026-11-24T21:55:00+08:00"),
    "day": words("a date such as 2026-01-30"),
    "yes": words("true or false"),
    "whole": words("a whole number, 0 or more"),
    "zone": words("a time zone as IANA names it, such as Asia/Shanghai"),
    "country": words("a country of two letters, such as CN"),
    "amount": words('an amount in quotes, such as "12345.60"'),
    "hold": words("a kind of hold, or an object with `kind`, `since` and `until`"),
}


def _saying(token: str, **settings: Any) -> dict[str, Any]:
    """Settings of a field that answers with this one token, whatever is wrong with its value."""
    return {"error_messages": {**dict.fromkeys(_CAUSES, token), "required": MISSING}, **settings}


def _code(choices: tuple[str, ...], **settings: Any) -> fields.String:
    known = ", ".join(choices)
    EXPECTED[known] = words("one of: {codes}", codes=known)
    return fields.String(
        validate=validate.OneOf(choices, error=known), **_saying(known, **settings)
    )


def _one_of(kind: type[StrEnum], **settings: Any) -> fields.String:
    return _code(tuple(kind), **settings)


def _text(limit: int = NAME_MAX, **settings: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(1, limit, error="text"), **_saying("text", **settings)
    )


def _instant(**settings: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso",
        validate=validate.Range(_EARLIEST, _LATEST, error="instant"),
        **_saying("instant", **settings),
    )


def _day(**settings: Any) -> fields.Date:
    return fields.Date(format="iso", **_saying("day", **settings))


def _whole(**settings: Any) -> fields.Integer:
    return fields.Integer(
        strict=True,
        validate=validate.Range(0, 10**9, error="whole"),
        **_saying("whole", **settings),
    )


class _Yes(fields.Boolean):
    """JSON's own true and false: "no" and 0 are mistakes here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        _ = (attr, data, kwargs)
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def _yes(**settings: Any) -> _Yes:
    return _Yes(**_saying("yes", **settings))


def _table(schema: type[Schema], **settings: Any) -> fields.Nested:
    return fields.Nested(schema, **_saying("table", **settings))


def _list(inner: fields.Field[Any], **settings: Any) -> fields.List[Any]:
    return fields.List(inner, **_saying("list", **settings))


def _exists(name: str) -> bool:
    try:
        zone_of(name)
    except InputError:
        return False
    return True


def _known_zone(name: str) -> None:
    if not _exists(name):
        raise ValidationError("zone")


class _Strict(Schema):
    error_messages = {"unknown": UNKNOWN, "type": "table"}  # noqa: RUF012 - marshmallow declares it so


class PlaceSchema(_Strict):
    """Where the borrower is; `subdivision` with or without its country, as MA or US-MA."""

    zone = fields.String(validate=_known_zone, **_saying("zone"))
    kind = _one_of(AddressKind)
    country = fields.String(
        validate=validate.Regexp(r"^[A-Z]{2}\Z", error="country"), **_saying("country")
    )
    subdivision = _text()
    known_invalid = _yes()


class OfficerSchema(_Strict):
    """One officer who is checked in."""

    id = _text(required=True)


class ConsentSchema(_Strict):
    """What the borrower allowed, from when until when; no end is an open one."""

    kind = _code(CONSENTS, required=True)
    start = _instant(required=True, data_key="from")
    end = _instant(data_key="until", allow_none=True, load_default=None)


class ContactSchema(_Strict):
    """One contact attempt; `person`, `household` and `debt` only where they are not the case's own."""

    at = _instant(required=True)
    channel = _one_of(Channel, required=True)
    reached = _one_of(Reached, required=True)
    number = _text()
    by = _text()
    promise_until = _day(allow_none=True)
    person = _text()
    household = _text()
    debt = _text()


class AgreementSchema(_Strict):
    """How the instalment agreement stands."""

    state = _one_of(AgreementState, required=True)


class NoticeSchema(_Strict):
    """A notice of a visit: when it was given, and the time it named."""

    given_at = _instant(required=True)
    visit_at = _instant(required=True, data_key="for")


class AppointmentSchema(_Strict):
    """The time the borrower chose; `here` is false where it is for another place."""

    start = _instant(required=True, data_key="from")
    end = _instant(required=True, data_key="until")
    here = _yes(load_default=True)


class HoldSchema(_Strict):
    """A stop on collection."""

    kind = _one_of(HoldKind, required=True)
    since = _instant()
    until = _instant(allow_none=True, load_default=None)


class _Hold(fields.Field[Any]):
    """A hold's kind as plain text, or the whole of it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        _ = (attr, data, kwargs)
        if isinstance(value, str):
            value = {"kind": value}
        elif not isinstance(value, dict):
            raise ValidationError("hold")
        return HoldSchema().load(value)


class DebtSchema(_Strict):
    """The debt meant where it is not the case's own, and what would betray it in `words`."""

    id = _text()
    amounts = _list(
        fields.String(
            validate=validate.Regexp(r"^\d{1,15}(\.\d{1,2})?\Z", error="amount"),
            **_saying("amount"),
        )
    )
    dates = _list(_day())
    references = _list(_text())


class QuestionSchema(_Strict):
    """One action, when, and what is known; docs/how-to/check-a-case-against-the-rules.md tells each field."""

    rulesets = fields.List(
        _text(), validate=validate.Length(1, error="list"), **_saying("list", required=True)
    )
    action = _one_of(Action, required=True)
    at = _instant(required=True)
    place = _table(PlaceSchema)
    officers = _list(_table(OfficerSchema))
    flags = _list(_code(FLAG_CODES))
    situations = _list(_one_of(Situation))
    manners = _list(_one_of(Manner))
    consents = _list(_table(ConsentSchema))
    history = _list(_table(ContactSchema))
    agreement = _table(AgreementSchema)
    notice = _table(NoticeSchema, allow_none=True)
    appointment = _table(AppointmentSchema, allow_none=True)
    holds = _list(_Hold(**_saying("hold")))
    allowance = fields.Dict(keys=_text(), values=_whole(), allow_none=True, **_saying("table"))
    days_past_due = _whole(allow_none=True)
    identity_shown = _yes()
    person = _text()
    household = _text()
    number = _text()
    number_invalid = _yes()
    words = _text(TEXT_MAX)
    debt = _table(DebtSchema)
    record_at = _instant(allow_none=True)
    clock_plausible = _yes()
