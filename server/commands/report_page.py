"""The conduct report as a web page of one file: charts with a table beside each, no outside request.

It follows the reader's light or dark setting and prints on A4.
"""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from fieldsync.locale import _
from server.commands.report_tables import said, shown
from server.commands.report_text import duration, headline, hidden_line, packs_line
from server.workflow.conduct_measure import Breakdown, Cell, Figure, Measure
from server.workflow.report_conduct import ConductReport
from server.workflow.small_numbers import Mark

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header>
<h1>{title}</h1>
<p>{headline}</p>
<p>{packs}</p>
<p class="soft">{hidden}</p>
<p class="soft">{purpose}</p>
</header>
<nav aria-label="{contents}"><ul>{links}</ul></nav>
{sections}
</main>
</body>
</html>
"""
# A line of a chart in pixels: its words above its bar; bars take up to 98 % of the chart's width.
_ROW, _WORDS, _BAR = 34, 14, 9
_MOST, _HIDDEN = 98.0, 24


def page_of(report: ConductReport, language: str) -> str:
    """The page in the language of this process, which `language` names."""
    style = files("server.commands").joinpath("report.css").read_text(encoding="utf-8")
    return _PAGE.format(
        language=language,
        title=escape(_("Conduct report")),
        style=style,
        headline=escape(headline(report)),
        packs=escape(packs_line(report)),
        hidden=escape(hidden_line()),
        purpose=escape(
            _(
                "The report holds no amounts and ranks nobody: collectors are not assessed by the money alone (Credit-card business measures, 2011)."
            )
        ),
        contents=escape(_("Contents")),
        links="".join(_link(measure) for measure in report.measures),
        sections="\n".join(_section(measure) for measure in report.measures),
    )


def _link(measure: Measure) -> str:
    return (
        f'<li><a href="#{measure.key}"><b>{escape(shown(measure.total))}</b>'
        f"<span>{escape(said(measure.title))}</span></a></li>"
    )


def _section(measure: Measure) -> str:
    parts = [_part(measure, part) for part in measure.breakdowns if part.cells]
    inside = f"{_figures(measure.figures)}{''.join(parts)}" if measure.total.count != 0 else ""
    return (
        f'<section id="{measure.key}"><h2>{escape(said(measure.title))}</h2>'
        f'<p class="total"><b>{escape(shown(measure.total))}</b> '
        f"{escape(said(measure.total.name))}</p>"
        f'<p class="soft">{escape(said(measure.note))}</p>'
        f"{inside}</section>"
    )


def _figures(figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    lines = "".join(
        f"<div><dt>{escape(said(one.title))}</dt><dd>{escape(duration(one))}</dd></div>"
        for one in figures
    )
    return f"<dl>{lines}</dl>"


def _part(measure: Measure, part: Breakdown) -> str:
    """A chart and its table."""
    title = escape(said(part.title))
    rows = "".join(
        f'<tr><th scope="row">{escape(said(cell.name))}</th><td>{escape(shown(cell))}</td></tr>'
        for cell in part.cells
    )
    return (
        f'<div class="part"><h3>{title}</h3><div class="sides">{_chart(measure, part)}'
        f'<table><thead><tr><th scope="col">{title}</th>'
        f'<th scope="col">{escape(_("Count"))}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></div>"
    )


def _chart(measure: Measure, part: Breakdown) -> str:
    """One bar a line; a hidden count is an open box of one width, which tells nothing of it."""
    longest = max((cell.count or 0 for cell in part.cells), default=0)
    bars = "".join(_bar(cell, place, longest) for place, cell in enumerate(part.cells))
    label = escape(
        _(
            "{measure}, {part}: the table has the same counts.",
            measure=said(measure.title),
            part=said(part.title),
        )
    )
    height = _ROW * len(part.cells)
    return f'<svg height="{height}" role="img" aria-label="{label}">{bars}</svg>'


def _bar(cell: Cell, place: int, longest: int) -> str:
    top = place * _ROW
    bar = f'x="1" y="{top + _WORDS + 4}" height="{_BAR}"'
    if cell.mark is not Mark.EXACT:
        rect = f'<rect class="hidden" {bar} width="{_HIDDEN}"/>'
    else:
        width = _MOST * (cell.count or 0) / longest if longest else 0.0
        rect = f'<rect {bar} width="{width:.1f}%"/>'
    name = f"{said(cell.name)}: {shown(cell)}"
    return f'<text x="1" y="{top + _WORDS}">{escape(name)}</text>{rect}'
