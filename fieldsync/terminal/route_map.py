"""The route map: a web page of one file, drawn without any outside request, to look at or to print.

Beside the picture stands a table with the same facts, for those who cannot see it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.locale import render
from fieldsync.terminal.basemap import Basemap
from fieldsync.terminal.output import pick
from fieldsync.terminal.route_drawing import draw_clock, draw_route
from fieldsync.words import Words, words

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{languages}
{sheets}
</body>
</html>
"""
# Both languages are on the page, so that each officer reads their own without another program.
_LANGUAGES = (("zh-CN", "中文"), ("en", "English"))


_NONE: Mapping[str, str] = {}


def map_html(
    itinerary: Itinerary,
    names: Mapping[str, str],
    language: str,
    addresses: Mapping[str, str] = _NONE,
    basemap: Basemap | None = None,
) -> str:
    """The page of one itinerary; `names` and `addresses` are by case id, `language` "en" or "zh-CN"."""
    return maps_html((itinerary,), names, language, addresses, basemap)


def maps_html(
    itineraries: Sequence[Itinerary],
    names: Mapping[str, str],
    language: str,
    addresses: Mapping[str, str] = _NONE,
    basemap: Basemap | None = None,
) -> str:
    """One page with a sheet for each itinerary, on a map where there is one."""
    style = files("fieldsync.terminal").joinpath("route_map.css").read_text(encoding="utf-8")
    title = render(words("Routes of the day"), language)
    sheets = "\n".join(
        f'<main lang="{tag}">\n'
        + "\n".join(_section(one, dict(names), addresses, tag, basemap) for one in itineraries)
        + "\n</main>"
        for tag, _name in _LANGUAGES
    )
    return _PAGE.format(
        language=language,
        title=escape(title),
        style=style,
        languages=_switch(language),
        sheets=sheets,
    )


def _switch(language: str) -> str:
    """A choice of language that works without a script: the sheets of the other one are hidden."""
    boxes = "".join(
        f'<label lang="{tag}"><input type="radio" name="language" id="read-{tag}"'
        f"{' checked' if tag == language else ''}>{name}</label>"
        for tag, name in _LANGUAGES
    )
    return f'<fieldset class="languages"><legend>语言 · Language</legend>{boxes}</fieldset>'


def _section(
    itinerary: Itinerary,
    names: dict[str, str],
    addresses: Mapping[str, str],
    language: str,
    basemap: Basemap | None,
) -> str:
    officers = " · ".join(officer.name for officer in itinerary.officers)
    return f"""<section>
<header><h1>{escape(officers)}</h1><p>{escape(itinerary.pair_id)} · {escape(itinerary.branch)} · \
{itinerary.day.isoformat()}</p></header>
{_facts(itinerary, language)}
<div class="sides">
<div>{draw_route(itinerary, names, language, basemap)}
{draw_clock(itinerary, language)}
{_legend(language)}</div>
{_table(itinerary, names, addresses, language)}
</div>
</section>"""


def _facts(itinerary: Itinerary, language: str) -> str:
    agreed = sum(stop.is_appointment for stop in itinerary.stops)
    metres = sum(stop.distance_m for stop in itinerary.stops)
    facts = [
        (str(len(itinerary.stops)), words("stops")),
        (str(agreed), words("agreed times")),
        (f"{metres / 1000:.1f} km", words("to the last stop")),
        (_clock(itinerary.shift.start) + "–" + _clock(itinerary.shift.end), words("shift")),
        (_clock(itinerary.return_at), words("back")),
    ]
    if itinerary.lunch is not None:
        lunch = _clock(itinerary.lunch.start) + "–" + _clock(itinerary.lunch.end)
        facts.append((lunch, words("lunch")))
    rows = "".join(
        f"<li><b>{escape(figure)}</b><span>{_say(label, language)}</span></li>"
        for figure, label in facts
    )
    return f'<ul class="facts">{rows}</ul>'


def _legend(language: str) -> str:
    return (
        f'<p class="legend"><span><i></i>{_say(words("stop"), language)}</span>'
        f'<span><i class="agreed"></i>{_say(words("agreed time"), language)}</span>'
        f'<span><i class="break"></i>{_say(words("lunch"), language)}</span>'
        f'<span><i class="spare"></i>{_say(words("spare, if the day changes"), language)}</span></p>'
    )


def _table(
    itinerary: Itinerary, names: Mapping[str, str], addresses: Mapping[str, str], language: str
) -> str:
    head = (words("Stop"), words("Time"), words("Case"), words("Way there"))
    cells = "".join(f"<th>{_say(word, language)}</th>" for word in head)
    rows = "".join(
        _row(
            number,
            stop,
            f"{names.get(stop.case_id, '')} {stop.case_id}",
            addresses.get(stop.case_id, ""),
            language,
        )
        for number, stop in enumerate(itinerary.stops, 1)
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"


def _row(number: int, stop: Stop, name: str, address: str, language: str) -> str:
    windows = ", ".join(f"{_clock(w.start)}–{_clock(w.end)}" for w in stop.windows)
    may_start = render(words("may begin {windows}", windows=windows), language)
    leg = render(words("{minutes} min", minutes=round(stop.travel_s / 60)), language)
    return (
        f'<tr><td><span class="n{" agreed" if stop.is_appointment else ""}">{number}</span></td>'
        f'<td class="time">{_clock(stop.arrive)}–{_clock(stop.leave)}<small>{escape(may_start)}</small></td>'
        f'<td class="case">{escape(name)}'
        f"{f'<small>{escape(address)}</small>' if address else ''}"
        f"<small>{escape(pick(stop.why, language))}</small></td>"
        f'<td class="leg">{escape(leg)}<small>{stop.distance_m / 1000:.1f} km</small></td></tr>'
    )


def _clock(instant: object) -> str:
    return f"{instant:%H:%M}"


def _say(message: Words, language: str) -> str:
    return escape(render(message, language))
