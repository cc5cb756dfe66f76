"""Who walks with whom: the officers this device knows, from the branch's roster and its itineraries."""

import json
from datetime import date
from difflib import get_close_matches

from agent_cli.cipher import sqlite3
from agent_cli.store import itineraries, mirror
from fieldsync.agreements.facts import CONTRACT_LENDER, Lender
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.officer import Officer
from fieldsync.errors import NotFoundError
from fieldsync.sync.feed import KeyKind
from fieldsync.words import Words, words


def known_officers(conn: sqlite3.Connection) -> dict[str, Officer]:
    """Every officer this device knows, by id."""
    found: dict[str, Officer] = {}
    for text in mirror.bodies(conn, KeyKind.ROSTER):
        for row in json.loads(text).get("officers", []):
            officer = from_builtins(row, Officer)
            found[officer.officer_id] = officer
    for itinerary in itineraries.published(conn):
        found |= {officer.officer_id: officer for officer in itinerary.officers}
    return found


def partner_of_day(conn: sqlite3.Connection, day: date, own: str) -> str | None:
    """The other officer of the day's pair, or None where nothing is planned."""
    itinerary = itineraries.of_day(conn, day)
    pair = itinerary.officers if itinerary else ()
    return next((officer.officer_id for officer in pair if officer.officer_id != own), None)


def lender(conn: sqlite3.Connection) -> Lender:
    """The bank as the office names it; what is true of every bank where the office left it open."""
    for text in mirror.bodies(conn, KeyKind.ROSTER):
        told = json.loads(text).get("lender", {})
        return Lender(
            name=Words(told["name"]) if told.get("name") else CONTRACT_LENDER.name,
            phone=Words(told["phone"]) if told.get("phone") else CONTRACT_LENDER.phone,
        )
    return CONTRACT_LENDER


def office_phone(conn: sqlite3.Connection) -> Words | None:
    """The telephone number of the bank that the office named; None where it named none."""
    told = lender(conn).phone
    return None if told == CONTRACT_LENDER.phone else told


def find_officer(conn: sqlite3.Connection, said: str) -> Officer:
    """The officer with this id or name; NotFoundError 404.62 names near ones."""
    known = known_officers(conn)
    by_name = [officer for officer in known.values() if officer.name == said]
    if said in known:
        return known[said]
    if len(by_name) == 1:
        return by_name[0]
    near = get_close_matches(said, [*known, *(o.name for o in known.values())], n=3)
    raise NotFoundError(
        "404.62",
        words("There is no officer {officer} in your branch.", officer=said),
        words("Did you mean {near}?", near=", ".join(near))
        if near
        else words("Known: {known}.", known=", ".join(sorted(known)) or "-"),
    )
