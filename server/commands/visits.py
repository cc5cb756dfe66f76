"""`fieldsync-server visits`: who is at a door now, and who should be out again."""

from collections.abc import Sequence
from datetime import datetime

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say, say_json, table
from server.context import ServerContext, open_server
from server.store.engine import reading
from server.store.pairs import officer_names
from server.workflow.visits_under_way import VisitUnderWay, visits_under_way

_MINUTE_S = 60


@click.command(
    cls=ExampleCommand,
    help=_(
        "List visits under way with their expected end and when the device was last heard of, overdue"
        " ones first."
    ),
    examples=(
        "fieldsync-server visits",
        "fieldsync-server visits --overdue --branch SZ-NANSHAN",
        "fieldsync-server visits --json",
    ),
)
@click.option("--overdue", is_flag=True, help=_("Only where the officers should be out again."))
@click.option("--branch", metavar="BRANCH", help=_("Only this branch."))
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, overdue: bool, branch: str | None, as_json: bool) -> None:
    """List them."""
    ctx = open_server(home)
    found = visits_under_way(ctx, branch=branch, overdue_only=overdue)
    now = ctx.clock.now()
    if as_json:
        say_json([_facts(visit, now) for visit in found])
        return
    if not found:
        note(_("No officer is overdue.") if overdue else _("Nobody is at a door now."))
        return
    say(_table(ctx, found, now))
    if any(visit.is_overdue(now) for visit in found):
        note(_("Call the overdue officers now; where nobody answers, act on your safety plan."))


def _table(ctx: ServerContext, found: Sequence[VisitUnderWay], now: datetime) -> str:
    with reading(ctx.engine) as conn:
        names = officer_names(conn)
    rows = [
        [
            _overdue(visit, now),
            visit.case_id,
            visit.branch,
            listed(names.get(officer, officer) for officer in visit.officers),
            _clock(visit.started_at, now),
            _clock(visit.expected_end, now),
            _ago(visit.last_contact, now),
        ]
        for visit in found
    ]
    heads = [_("Overdue"), _("Case"), _("Branch"), _("Officers"), _("Began"), _("Expected out")]
    return table(rows, [*heads, _("Last heard of")])


def _overdue(visit: VisitUnderWay, now: datetime) -> str:
    if visit.expected_end is None or not visit.is_overdue(now):
        return ""
    return _minutes(visit.expected_end, now)


def _clock(instant: datetime | None, now: datetime) -> str:
    return "" if instant is None else f"{instant.astimezone(now.tzinfo):%m-%d %H:%M}"


def _ago(instant: datetime | None, now: datetime) -> str:
    if instant is None:
        return _("never")
    return _("{time} ago", time=_minutes(instant, now))


def _minutes(since: datetime, now: datetime) -> str:
    return _("{minutes} min", minutes=max(0, int((now - since).total_seconds()) // _MINUTE_S))


def _facts(visit: VisitUnderWay, now: datetime) -> dict[str, object]:
    def told(instant: datetime | None) -> str | None:
        return instant.isoformat() if instant else None

    return {
        "visit_id": visit.visit_id,
        "case_id": visit.case_id,
        "branch": visit.branch,
        "officers": list(visit.officers),
        "officer_id": visit.officer_id,
        "device": visit.device,
        "started_at": visit.started_at.isoformat(),
        "expected_end": told(visit.expected_end),
        "stopped_at": told(visit.stopped_at),
        "last_contact": told(visit.last_contact),
        "overdue": visit.is_overdue(now),
    }
