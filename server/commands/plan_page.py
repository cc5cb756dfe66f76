"""A branch's plan as a web page of one file: the clock, the map, each pair's load, who is left out and why.

No outside request and no script; it follows the reader's light or dark setting and prints on A4.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from zoneinfo import ZoneInfo

from fieldsync.locale import _
from fieldsync.terminal.output import pick
from server.commands.plan_figures import Load, load_of
from server.commands.plan_gantt import draw_gantt
from server.commands.plan_routes import draw_routes, look_of
from server.store.plans import DayPlan, StoredPlan

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}{toggles}</style>
</head>
<body>
<main>
{sections}
</main>
</body>
</html>
"""


def page_of(stored: StoredPlan, language: str) -> str:
    """The page in the language of this process, which `language` names."""
    plan = stored.plan
    style = files("server.commands").joinpath("plan_page.css").read_text(encoding="utf-8")
    title = _("Plan of {branch}, {day}", branch=plan.branch, day=plan.day.isoformat())
    loads = [load_of(day) for day in plan.itineraries]
    sections = [
        _head(title, plan, loads),
        _section(_("The day by the clock"), _scrolled(draw_gantt(plan.itineraries)), _keys()),
        _section(_("Routes"), _pairs(plan), draw_routes(plan.itineraries)),
        _section(_("Load by pair"), _scrolled(_loads(loads))),
        _section(_("Not on the road"), _left_out(plan, language)),
        _section(_("How the plan was made"), _facts(stored, language)),
    ]
    return _PAGE.format(
        language=language,
        title=escape(title),
        style=style,
        toggles="".join(_toggle(number) for number in range(len(plan.itineraries))),
        sections="\n".join(sections),
    )


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _scrolled(inside: str) -> str:
    """What is wider than a small screen moves within its frame, by keyboard too."""
    return f'<div class="wide" tabindex="0" role="group">{inside}</div>'


def _head(title: str, plan: DayPlan, loads: Sequence[Load]) -> str:
    missed = sum(out.is_appointment for out in plan.left_out)
    figures = (
        (str(sum(load.stops for load in loads)), _("stops")),
        (str(sum(bool(load.stops) for load in loads)), _("pairs on the road")),
        (f"{plan.appointments - missed} / {plan.appointments}", _("appointments kept")),
        (f"{sum(load.metres for load in loads) / 1000:.0f} km", _("on the way")),
        (str(len(plan.left_out)), _("cases left out today")),
    )
    told = "".join(f"<li><b>{escape(a)}</b><span>{escape(b)}</span></li>" for a, b in figures)
    return f'<header><h1>{escape(title)}</h1><ul class="figures">{told}</ul></header>'


def _keys() -> str:
    keys = (
        ("at", _("visit")),
        ("at agreed", _("appointment, its window below")),
        ("lunch", _("lunch")),
        ("way", _("on the way")),
        ("shift", _("shift")),
    )
    told = "".join(f'<li><i class="{name}"></i>{escape(text)}</li>' for name, text in keys)
    return f'<ul class="keys">{told}</ul>'


def _pairs(plan: DayPlan) -> str:
    """A box to tick for each pair that goes out; unticked, its route is hidden."""
    boxes = "".join(
        _box(number, day.pair_id) for number, day in enumerate(plan.itineraries) if day.stops
    )
    legend = escape(_("Show the routes of:"))
    return f'<fieldset class="pairs"><legend>{legend}</legend>{boxes}</fieldset>'


def _box(number: int, pair_id: str) -> str:
    colour, dash = look_of(number)
    line = f'<path d="M0,5 H34" stroke="{colour}" stroke-dasharray="{dash}"/>'
    return (
        f'<label><input type="checkbox" id="p{number}" checked>'
        f'<svg viewBox="0 0 34 10" aria-hidden="true">{line}</svg>{escape(pair_id)}</label>'
    )


def _toggle(number: int) -> str:
    return f"main:has(#p{number}:not(:checked)) .r{number} {{ display: none; }}\n"


def _loads(loads: Sequence[Load]) -> str:
    head = (
        _("Pair"), _("Officers"), _("Stops"), _("Agreed"), _("Working time"), _("At doors"),
        _("On the way"), _("Waiting"), _("km"), "",
    )  # fmt: skip
    longest = max((load.work_s for load in loads), default=0)
    cells = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    rows = "".join(_load(load, longest) for load in loads)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"


def _load(load: Load, longest: int) -> str:
    texts = (
        str(load.stops), str(load.agreed), _hours(load.work_s), _hours(load.service_s),
        _hours(load.travel_s), _hours(load.waiting_s), f"{load.metres / 1000:.0f}",
    )  # fmt: skip
    cells = "".join(f"<td>{text}</td>" for text in texts)
    parts = (
        ("at", load.service_s),
        ("way", load.travel_s),
        ("lunch", load.lunch_s),
        ("wait", load.waiting_s),
    )
    bar = "".join(
        f'<i class="{name}" style="width:{100 * seconds / longest:.1f}%"></i>'
        for name, seconds in parts
        if seconds and longest
    )
    return (
        f'<tr><th scope="row">{escape(load.pair_id)}</th><td class="text">{escape(load.officers)}</td>'
        f'{cells}<td class="bar" aria-hidden="true"><span>{bar}</span></td></tr>'
    )


def _hours(seconds: int) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _left_out(plan: DayPlan, language: str) -> str:
    """Appointments missed first, then each reason with its cases, then who may not be visited at all."""
    missed = [out for out in plan.left_out if out.is_appointment]
    grouped: dict[str, list[str]] = {}
    for out in plan.left_out:
        grouped.setdefault(out.reason, []).append(out.case_id)
    messages = {out.reason: pick(out.message, language) for out in plan.left_out}
    parts = [
        f'<p class="missed"><b>{escape(_("Appointment missed"))}</b> {escape(out.case_id)}: '
        f"{escape(pick(out.message, language))}</p>"
        for out in missed
    ]
    parts += [
        _reason(len(cases), messages[reason], cases)
        for reason, cases in sorted(grouped.items(), key=lambda one: -len(one[1]))
    ]
    if plan.not_eligible:
        parts.append(f"<h3>{escape(_('May not be visited'))}</h3>")
    parts += [
        _reason(one.cases, f"{pick(one.message, language)} ({one.reason})", ())
        for one in plan.not_eligible
    ]
    return "".join(parts) or f"<p>{escape(_('Every case is on the road.'))}</p>"


def _reason(count: int, message: str, cases: Sequence[str]) -> str:
    line = f"<b>{count}</b> {escape(message)}"
    if not cases:
        return f'<p class="reason">{line}</p>'
    return f"<details><summary>{line}</summary><p>{escape(' '.join(cases))}</p></details>"


def _facts(stored: StoredPlan, language: str) -> str:
    facts, zone = stored.facts, ZoneInfo(stored.plan.itineraries[0].zone)
    rows: Mapping[str, str] = {
        _("Plan"): stored.plan_id,
        _("Made at"): f"{stored.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        _("Seed"): str(facts.seed),
        _("Search steps made"): str(facts.iterations),
        _("Search"): facts.solver,
        _("Program"): f"fieldsync {facts.fieldsync_version}",
        _("Rule packs"): " ".join(f"{name} {version}" for name, version in facts.packs.items()),
        _("Travel times"): facts.travel_source,
        _("Remark"): pick(facts.travel_note, language) if facts.travel_note else "",
        _("SHA-256 of the travel times"): facts.matrix_sha256,
    }
    told = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items() if value
    )
    return f"<dl>{told}</dl>"
