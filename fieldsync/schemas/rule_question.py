"""From the checked fields of a question to the facts that rules look at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldsync.conduct.facts import Action, Facts, Manner, Notice, Place, Situation
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.third_party import amount_spellings, date_spellings, debt_words_in
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
from fieldsync.domain.money import Money
from fieldsync.domain.place import AddressKind
from fieldsync.errors import InputError
from fieldsync.words import words

# Countries in which one clock is kept; elsewhere the zone must be told.
_ONE_CLOCK = {
    "CN": "Asia/Shanghai",
    "GB": "Europe/London",
    "HK": "Asia/Hong_Kong",
    "IN": "Asia/Kolkata",
}
_AS_THEY_ARE = (
    "days_past_due",
    "identity_shown",
    "person",
    "household",
    "number",
    "number_invalid",
    "record_at",
)


def facts_asked(question: Mapping[str, Any], packs: Sequence[Ruleset]) -> Facts:
    """The facts of the question; InputError 422.503 where nobody can tell the borrower's time zone.

    Without a country every pack that was named judges. What is not told is not known, and what is not
    known never opens anything; an absent `allowance` says that the whole history is told.
    """
    told = dict(question)
    codes = frozenset(told.get("flags", ()))
    at: datetime = told["at"]
    appointment = told.get("appointment")
    return Facts(
        action=Action(told["action"]),
        at=at,
        place=_place(told.get("place", {}), packs),
        officers=tuple(officer["id"] for officer in told.get("officers", ())),
        flags=frozenset(Flag(code) for code in codes & set(Flag)),
        consents=tuple(Consent(**consent) for consent in told.get("consents", ())),
        history=tuple(_attempt(contact) for contact in told.get("history", ())),
        agreement=AgreementState(told.get("agreement", {}).get("state", AgreementState.NONE)),
        notice=Notice(**told["notice"]) if told.get("notice") else None,
        holds=tuple(_holds(told.get("holds", ()), at)),
        allowance=told.get("allowance"),
        appointment=Window(appointment["start"], appointment["end"]) if appointment else None,
        appointment_here=appointment is None or appointment["here"],
        debt=told.get("debt", {}).get("id", ""),
        debt_facts=_told_of_debt(told.get("words", ""), told.get("debt", {})),
        manners=_codes(Manner, codes, told.get("manners", ())),
        situations=_codes(Situation, codes, told.get("situations", ())),
        clock_plausible=told.get("clock_plausible", True),
        **{name: told[name] for name in _AS_THEY_ARE if name in told},
    )


def _codes(kind: Any, flags: frozenset[str], more: Iterable[str]) -> frozenset[Any]:
    return frozenset(kind(code) for code in (flags & set(kind)) | set(more))


def _place(told: Mapping[str, Any], packs: Sequence[Ruleset]) -> Place:
    country = told.get("country", "")
    return Place(
        told.get("zone") or _zone(country, packs),
        AddressKind(told.get("kind", AddressKind.HOME)),
        country,
        told.get("subdivision", "").removeprefix(f"{country}-"),
        told.get("known_invalid", False),
    )


def _zone(country: str, packs: Sequence[Ruleset]) -> str:
    """The one clock of the country, or of the packs; those for everywhere alone are judged by China's."""
    countries = {country} if country else {_country(pack) for pack in packs} - {"*"} or {"CN"}
    zones = {_ONE_CLOCK.get(name) for name in countries}
    zone = zones.pop() if len(zones) == 1 else None
    if zone is None:
        raise InputError(
            "422.503",
            words("Nobody can tell what time it is at the borrower's place."),
            words("Name its time zone in `place.zone`, such as America/New_York."),
            path="place.zone",
        )
    return zone


def _country(pack: Ruleset) -> str:
    return pack.jurisdiction.partition("-")[0]


def _attempt(told: Mapping[str, Any]) -> ContactAttempt:
    codes = {"channel": Channel(told["channel"]), "reached": Reached(told["reached"])}
    return ContactAttempt(**{**told, **codes})


def _holds(told: Iterable[Mapping[str, Any]], at: datetime) -> Iterable[Hold]:
    for place, hold in enumerate(told):
        since = hold.get("since", at)
        yield Hold(f"hold-{place}", HoldKind(hold["kind"]), since, until=hold["until"])


def _told_of_debt(text: str, debt: Mapping[str, Any]) -> tuple[str, ...]:
    spellings: list[str] = list(debt.get("references", ()))
    for amount in debt.get("amounts", ()):
        spellings += amount_spellings(Money.parse(amount, "CNY"))
    for day in debt.get("dates", ()):
        spellings += date_spellings(day)
    return debt_words_in(text, spellings)
