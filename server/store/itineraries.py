"""Keeps every version of every itinerary; the highest version of an id is the live one."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, and_, func, insert, select

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.itinerary import Itinerary
from server.store.tables import itineraries

_NEWEST = (
    select(itineraries.c.itinerary_id, func.max(itineraries.c.version).label("version"))
    .group_by(itineraries.c.itinerary_id)
    .subquery()
)
_LIVE = select(itineraries.c.body).join(
    _NEWEST,
    and_(
        itineraries.c.itinerary_id == _NEWEST.c.itinerary_id,
        itineraries.c.version == _NEWEST.c.version,
    ),
)


def save_itinerary(conn: Connection, itinerary: Itinerary, plan_id: str) -> None:
    """Store a version; storing the same version twice is a fault of the caller."""
    conn.execute(
        insert(itineraries).values(
            itinerary_id=itinerary.itinerary_id,
            version=itinerary.version,
            plan_id=plan_id,
            branch=itinerary.branch,
            day=itinerary.day,
            pair_id=itinerary.pair_id,
            body=to_json(itinerary),
        )
    )


def load_itinerary(
    conn: Connection, itinerary_id: str, version: int | None = None
) -> Itinerary | None:
    """One itinerary, in its live version or the given one; None if there is none."""
    query = select(itineraries.c.body).where(itineraries.c.itinerary_id == itinerary_id)
    if version is not None:
        query = query.where(itineraries.c.version == version)
    body = conn.execute(query.order_by(itineraries.c.version.desc()).limit(1)).scalar()
    return None if body is None else from_json(body, Itinerary)


def live_itineraries(
    conn: Connection,
    *,
    branch: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Itinerary]:
    """The live versions by day and pair: of a branch, and of days in [since, until]."""
    query = _LIVE
    if branch is not None:
        query = query.where(itineraries.c.branch == branch)
    if since is not None:
        query = query.where(itineraries.c.day >= since)
    if until is not None:
        query = query.where(itineraries.c.day <= until)
    rows = conn.execute(query.order_by(itineraries.c.day, itineraries.c.pair_id))
    return [from_json(body, Itinerary) for body in rows.scalars()]


def itineraries_naming(
    conn: Connection, case_ids: Sequence[str], *, since: date
) -> list[Itinerary]:
    """The live versions from a day on that name one of these cases, as a stop or as a spare."""
    found: dict[str, Itinerary] = {}
    for case_id in case_ids:
        query = _LIVE.where(
            itineraries.c.day >= since,
            itineraries.c.body.contains(to_json(case_id), autoescape=True),
        )
        rows = conn.execute(query.order_by(itineraries.c.day, itineraries.c.pair_id))
        for body in rows.scalars():
            one = from_json(body, Itinerary)
            found[one.itinerary_id] = one
    return list(found.values())


def plan_of(conn: Connection, itinerary_id: str) -> str:
    """The plan that the live version came from."""
    query = select(itineraries.c.plan_id).where(itineraries.c.itinerary_id == itinerary_id)
    return str(conn.execute(query.order_by(itineraries.c.version.desc()).limit(1)).scalar_one())
