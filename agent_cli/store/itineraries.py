"""The days this device carries: the published itinerary, or the officer's own revision of it."""

from datetime import date

from agent_cli.cipher import sqlite3
from agent_cli.store import mirror
from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Candidate, Itinerary, Stop
from fieldsync.sync.feed import KeyKind


def published(conn: sqlite3.Connection) -> tuple[Itinerary, ...]:
    """Every itinerary as the server sent it, by day."""
    found = (from_json(text, Itinerary) for text in mirror.bodies(conn, KeyKind.ITINERARY))
    return tuple(sorted(found, key=lambda it: (it.day, it.itinerary_id)))


def of_day(conn: sqlite3.Connection, day: date) -> Itinerary | None:
    """The day's itinerary as it stands now, or None where nothing is planned."""
    itinerary = published_for(conn, day)
    return None if itinerary is None else revised(conn, itinerary)


def published_for(conn: sqlite3.Connection, day: date) -> Itinerary | None:
    """The day's itinerary as the server sent it, or None where nothing is planned."""
    row = conn.execute(
        "SELECT body FROM mirror WHERE kind = 'itinerary' AND json_extract(body, '$.day') = ?"
        " ORDER BY key LIMIT 1",
        (day.isoformat(),),
    ).fetchone()
    return None if row is None else from_json(row["body"], Itinerary)


def days(conn: sqlite3.Connection) -> tuple[date, ...]:
    """The days there is an itinerary for."""
    return tuple(itinerary.day for itinerary in published(conn))


def revised(conn: sqlite3.Connection, itinerary: Itinerary) -> Itinerary:
    """The pair's re-plan of this very version, or the itinerary itself."""
    row = conn.execute(
        "SELECT body FROM revisions WHERE itinerary_id = ? AND base_version = ?",
        (itinerary.itinerary_id, itinerary.version),
    ).fetchone()
    return itinerary if row is None else from_json(row["body"], Itinerary)


def place_in(itinerary: Itinerary, case_id: str) -> Stop | Candidate | None:
    """The case's stop, or else what the day knows of it as a spare."""
    places: tuple[Stop | Candidate, ...] = (*itinerary.stops, *itinerary.candidates)
    return next((place for place in places if place.case_id == case_id), None)
