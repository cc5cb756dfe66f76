"""Shows a plan or an itinerary: for `plan` when it is made, and for `show` afterwards."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.errors import NotFoundError
from fieldsync.locale import _, language
from fieldsync.terminal.output import note, pick, say, say_json, table
from fieldsync.terminal.route_map import maps_html
from fieldsync.words import words
from server.commands.plan_page import page_of
from server.commands.reads import looks_at
from server.context import ServerContext
from server.store.cases import load_cases
from server.store.engine import reading
from server.store.itineraries import load_itinerary
from server.store.plans import DayPlan, StoredPlan
from server.workflow.check_plan import get_plan


def show_plan(ctx: ServerContext, plan_id: str, *, as_json: bool) -> None:
    """Show a stored plan; NotFoundError 404.32 if there is none."""
    with reading(ctx.engine) as conn:
        stored = get_plan(conn, plan_id)
    looks_at(ctx, "plan", *cases_in(stored.plan.itineraries))
    show_stored_plan(stored, as_json=as_json)


def cases_in(itineraries: Sequence[Itinerary]) -> list[str]:
    """The cases that the pairs may visit."""
    return [c.case_id for itinerary in itineraries for c in itinerary.candidates]


def show_itinerary(ctx: ServerContext, itinerary_id: str, *, as_json: bool) -> None:
    """Show an itinerary in its live version; NotFoundError 404.34 if there is none."""
    with reading(ctx.engine) as conn:
        itinerary = load_itinerary(conn, itinerary_id)
    if itinerary is None:
        raise NotFoundError(
            "404.34",
            words("There is no itinerary {itinerary_id}.", itinerary_id=itinerary_id),
            words("`fieldsync-server publish` hands itineraries out."),
        )
    looks_at(ctx, "itinerary", *cases_in((itinerary,)))
    if as_json:
        say_json(to_builtins(itinerary))
    else:
        _say_itinerary(itinerary, names_of(ctx, (itinerary,)))


def show_stored_plan(stored: StoredPlan, *, as_json: bool) -> None:
    """A plan on stdout: for a person its pairs and who stays at home, or all of it as JSON."""
    if as_json:
        say_json(_as_json(stored))
        return
    plan = stored.plan
    say(_("Plan {plan_id}", plan_id=stored.plan_id))
    say(
        _(
            "{branch} on {day}: {stops} stops for {pairs} pairs; {kept} of {appointments} appointments kept.",
            branch=plan.branch,
            day=plan.day.isoformat(),
            stops=_stops(plan),
            pairs=len(plan.itineraries),
            kept=plan.appointments - len(_missed(plan)),
            appointments=plan.appointments,
        )
    )
    say("")
    say(_pairs_table(plan))
    if _missed(plan):
        say("")
        say(_missed_table(plan))
    if plan.notices_needed:
        say("")
        say(_to_be_told(plan))
    say("")
    say(_reasons_table(plan))


def write_plan_map(ctx: ServerContext, stored: StoredPlan, path: Path) -> None:
    """Write every pair's route as one web page that needs nothing else."""
    itineraries = stored.plan.itineraries
    path.write_text(
        maps_html(
            itineraries, names_of(ctx, itineraries), language(), _addresses(ctx, itineraries)
        ),
        encoding="utf-8",
    )
    note(_("The routes are in {path}.", path=str(path)))


def write_plan_page(ctx: ServerContext, plan_id: str, path: Path) -> None:
    """Write a stored plan as one web page that needs nothing else; NotFoundError 404.32."""
    with reading(ctx.engine) as conn:
        stored = get_plan(conn, plan_id)
    path.write_text(page_of(stored, language()), encoding="utf-8")
    note(_("The plan is in {path}.", path=str(path)))


def names_of(ctx: ServerContext, itineraries: tuple[Itinerary, ...]) -> dict[str, str]:
    """The borrowers' names of every stop and spare, by case id."""
    case_ids = [c.case_id for itinerary in itineraries for c in itinerary.candidates]
    with reading(ctx.engine) as conn:
        return {key: case.borrower.name for key, case in load_cases(conn, case_ids).items()}


def _addresses(ctx: ServerContext, itineraries: tuple[Itinerary, ...]) -> dict[str, str]:
    """Where every stop is, by case id."""
    stops = {stop.case_id: stop.address_id for one in itineraries for stop in one.stops}
    with reading(ctx.engine) as conn:
        known = load_cases(conn, sorted(stops))
    found = {key: case.address(stops[key]) for key, case in known.items()}
    return {key: address.text for key, address in found.items() if address}


def _to_be_told(plan: DayPlan) -> str:
    first = plan.notices_needed[0].by.astimezone(ZoneInfo(plan.itineraries[0].zone))
    return _(
        "{count} borrowers must be told before this is published, the first by {time}:"
        " `fieldsync-server notices write`.",
        count=len(plan.notices_needed),
        time=f"{first:%Y-%m-%d %H:%M}",
    )


def _stops(plan: DayPlan) -> int:
    return sum(len(itinerary.stops) for itinerary in plan.itineraries)


def _missed(plan: DayPlan) -> list[tuple[str, str]]:
    return [
        (out.case_id, pick(out.message, language())) for out in plan.left_out if out.is_appointment
    ]


def _pairs_table(plan: DayPlan) -> str:
    rows = [
        (
            one.pair_id,
            "、".join(officer.name for officer in one.officers),
            str(len(one.stops)),
            str(sum(stop.is_appointment for stop in one.stops)),
            f"{one.stops[0].arrive:%H:%M}" if one.stops else "-",
            f"{one.return_at:%H:%M}" if one.stops else "-",
            f"{_kilometres(one):.0f}",
        )
        for one in plan.itineraries
    ]
    head = (
        _("Pair"), _("Officers"), _("Stops"), _("Agreed"), _("First"), _("Back"), _("km"),
    )  # fmt: skip
    return table(rows, head)


def _kilometres(itinerary: Itinerary) -> float:
    """All legs, the way back included."""
    rows = {c.case_id: row for row, c in enumerate(itinerary.candidates, 2)}
    if not itinerary.stops:
        return 0.0
    last = rows[itinerary.stops[-1].case_id]
    return (sum(s.distance_m for s in itinerary.stops) + itinerary.distance_m[last][1]) / 1000


def _missed_table(plan: DayPlan) -> str:
    return table(_missed(plan), (_("Appointment missed"), _("Why")))


def _reasons_table(plan: DayPlan) -> str:
    """Who is not on the road: by reason, those who might have been first."""
    counted = Counter(out.reason for out in plan.left_out)
    messages = {out.reason: out.message for out in reversed(plan.left_out)}
    rows = [
        (str(n), reason, pick(messages[reason], language())) for reason, n in counted.most_common()
    ]
    rows += [
        (str(one.cases), one.reason, pick(one.message, language())) for one in plan.not_eligible
    ]
    return table(rows, (_("Cases"), _("Not visited"), _("Why, in one of them")))


def _say_itinerary(itinerary: Itinerary, names: dict[str, str]) -> None:
    say(
        _(
            "Itinerary {itinerary_id}, version {version}: {pair_id} on {day}",
            itinerary_id=itinerary.itinerary_id,
            version=itinerary.version,
            pair_id=itinerary.pair_id,
            day=itinerary.day.isoformat(),
        )
    )
    rows = [
        (
            str(number),
            f"{stop.arrive:%H:%M}",
            f"{stop.leave:%H:%M}",
            stop.case_id,
            names.get(stop.case_id, ""),
            pick(stop.why, language()),
        )
        for number, stop in enumerate(itinerary.stops, 1)
    ]
    say(table(rows, ("#", _("Arrive"), _("Leave"), _("Case"), _("Name"), _("Why"))))


def _as_json(stored: StoredPlan) -> dict[str, object]:
    plan = stored.plan
    return {
        "plan_id": stored.plan_id,
        "branch": plan.branch,
        "day": plan.day.isoformat(),
        "made_at": stored.at.isoformat(),
        "published_at": stored.published_at.isoformat() if stored.published_at else None,
        "pairs": len(plan.itineraries),
        "stops": _stops(plan),
        "cases_eligible": plan.eligible,
        "appointments": plan.appointments,
        "appointments_missed": [
            {"case_id": out.case_id, "reason": out.reason, "message": dict(out.message)}
            for out in plan.left_out
            if out.is_appointment
        ],
        "left_out": dict(Counter(out.reason for out in plan.left_out)),
        "not_eligible": {one.reason: one.cases for one in plan.not_eligible},
        "facts": to_builtins(stored.facts),
        "itineraries": [
            {
                "pair_id": one.pair_id,
                "officers": [officer.officer_id for officer in one.officers],
                "stops": to_builtins(one.stops),
                "return_at": one.return_at.isoformat(),
                "spares": len(one.candidates) - len(one.stops),
            }
            for one in plan.itineraries
        ],
    }
