"""Builds the conduct report of a span of days: how people were treated, never what was recovered.

The 2011 card measures forbid to assess collectors by the money alone: the report holds no amount, lists
officers by id, and hides what so few people stand behind that they could be found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync.errors import InputError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.store.conduct_duties import officer_ids, packs_used
from server.store.conduct_records import Span
from server.store.engine import reading
from server.store.pairs import known_branches, zone_of_branch
from server.workflow.conduct_answers import Today, duty_measures
from server.workflow.conduct_measure import Measure
from server.workflow.conduct_visits import Asked, visit_measures


@dataclass(frozen=True, slots=True)
class ConductReport:
    """The whole report; `packs` are the rule packs of the published days, name to versions."""

    first: date
    last: date
    branch: str | None
    zone: str
    made_at: datetime
    packs: Mapping[str, Sequence[str]]
    measures: tuple[Measure, ...]


def report_conduct(
    ctx: ServerContext, first: date, last: date, branch: str | None = None
) -> ConductReport:
    """The report of the days from `first` to `last`, both included, of a branch or of all.

    InputError 422.551 where the days are the wrong way round; NotFoundError 404.31 for a branch that
    nobody knows.
    """
    if last < first:
        raise InputError(
            "422.551",
            words(
                "The report would end on {last}, before it begins on {first}.",
                first=first.isoformat(),
                last=last.isoformat(),
            ),
            words("Give the earlier day with --from and the later one with --to."),
        )
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        zone = _zone_of(conn, branch)
        here = ZoneInfo(zone)
        span = Span(
            datetime.combine(first, time(), here),
            datetime.combine(last + timedelta(days=1), time(), here),
            branch,
        )
        asked = Asked(conn, span, officer_ids(conn, branch))
        today = Today(now.astimezone(here).date(), here)
        measures = (*visit_measures(asked), *duty_measures(asked, today))
        packs = packs_used(conn, span)
    return ConductReport(first, last, branch, zone, now.astimezone(here), packs, measures)


def _zone_of(conn: Connection, branch: str | None) -> str:
    """The zone in which days are counted: that of the branch, or of the first one there is."""
    branches = known_branches(conn)
    if branch is not None and branch not in branches:
        raise NotFoundError(
            "404.31",
            words("Branch {branch} is unknown.", branch=branch),
            words("Known branches: {branches}.", branches=", ".join(branches) or "-"),
        )
    return zone_of_branch(conn, branch or "".join(branches[:1]))
