"""Shows what a plan was made from, whether it can be had again, and where one case stands in it."""

import sys
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import click

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import VisitKind
from fieldsync.locale import _, language, render
from fieldsync.terminal.output import labelled, listed, pick, say, say_json
from fieldsync.words import Words, words
from server.context import ServerContext
from server.store.engine import reading
from server.store.plans import StoredPlan
from server.workflow.check_plan import get_plan
from server.workflow.explain_plan import Again, CaseInPlan, case_in_plan, plan_again

_AGAIN: Mapping[Again, Words] = {
    Again.SAME: words("The same search found the same plan again."),
    Again.OTHER_FACTS: words(
        "The book, the staff or the travel times have changed since, so the plan cannot be had again."
    ),
    Again.OTHER_PROGRAM: words(
        "The plan was made by another version of the program or of its search."
    ),
    Again.ENDED_EARLY: words(
        "The search was ended by the clock or by hand, so its steps do not give it again;"
        " plan with --iterations for one that can be repeated."
    ),
    Again.OTHER_ROUTES: words("The same search found other routes. Please report this."),
}
_KINDS: Mapping[VisitKind, Words] = {
    VisitKind.FIRST: words("first visit"),
    VisitKind.FOLLOW_UP: words("follow-up visit"),
    VisitKind.WELFARE: words("visit out of care"),
    VisitKind.AGREEMENT: words("visit to sign an agreement"),
    VisitKind.APPOINTMENT: words("appointment"),
}


def explain(
    ctx: ServerContext, plan_id: str, case_id: str | None, *, again: bool, as_json: bool
) -> None:
    """Explain a plan or a case of it; NotFoundError 404.32 for the plan, 404.572 for the case."""
    with reading(ctx.engine) as conn:
        stored = get_plan(conn, plan_id)
    if case_id is not None:
        found = case_in_plan(ctx, stored.plan, case_id)
        if as_json:
            say_json({"plan_id": plan_id, **to_builtins(found)})
        else:
            say("\n".join(labelled(name, value) for name, value in _case(found) if value))
        return
    outcome = plan_again(ctx, stored, _progress) if again else None
    if as_json:
        told = {"again": outcome.value} if outcome else {}
        say_json({"plan_id": plan_id, "facts": to_builtins(stored.facts), **told})
        return
    say("\n".join(labelled(name, value) for name, value in _facts(stored) if value))
    if outcome is not None:
        say("")
        say(render(_AGAIN[outcome]))


def _facts(stored: StoredPlan) -> list[tuple[str, str]]:
    facts = stored.facts
    zone = stored.plan.itineraries[0].zone
    packs = listed(f"{name} {version}" for name, version in facts.packs.items())
    return [
        (_("Plan"), stored.plan_id),
        (_("Made at"), f"{stored.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"),
        (_("Seed"), str(facts.seed)),
        (_("Steps asked for"), str(facts.asked_iterations) if facts.by_steps else ""),
        (_("Search steps made"), str(facts.iterations)),
        (_("Search"), facts.solver),
        (_("Program"), f"fieldsync {facts.fieldsync_version}"),
        (_("Rule packs"), packs),
        (_("Travel times"), facts.travel_source),
        (_("Remark"), pick(facts.travel_note, language()) if facts.travel_note else ""),
        (_("SHA-256 of the travel times"), facts.matrix_sha256),
        (_("SHA-256 of pairs and cases"), facts.problem_sha256),
    ]


def _case(found: CaseInPlan) -> list[tuple[str, str]]:
    rows = [(_("Case"), found.case_id)]
    if found.stop is not None:
        stop = found.stop
        windows = listed(f"{w.start:%H:%M}-{w.end:%H:%M}" for w in stop.windows)
        rows += [
            (
                _("On the road"),
                _("stop {number} of {pair}", number=found.number, pair=found.pair_id),
            ),
            (_("Visit"), f"{stop.start:%H:%M}-{stop.leave:%H:%M}, {render(_KINDS[stop.kind])}"),
            (_("May start"), windows),
            (_("Way there"), _("{minutes} minutes", minutes=round(stop.travel_s / 60))),
            (_("Why"), pick(stop.why, language())),
        ]
    if found.left_out is not None:
        rows.append((_("Not visited"), pick(found.left_out.message, language())))
    if found.spare_of:
        rows.append((_("Spare of"), listed(found.spare_of)))
    rows += [
        (_("May not be visited"), f"{pick(finding.message, language())} ({finding.rule})")
        for finding in found.refused
    ]
    return rows


def _progress(done: int, of: int, _points: int) -> None:
    if sys.stderr.isatty():
        end = "\r" if done < of else "\r" + " " * 40 + "\r"
        click.echo(
            "\r" + _("Searching again …") + f" {100 * done // of} %  {end}", err=True, nl=False
        )
