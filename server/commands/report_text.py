"""The conduct report on a terminal: each measure with its total, then its tables and figures."""

from collections.abc import Iterator

from fieldsync.locale import _
from fieldsync.terminal.output import labelled, listed, table
from server.commands.report_tables import said, shown
from server.workflow.conduct_measure import Figure, Measure
from server.workflow.report_conduct import ConductReport
from server.workflow.small_numbers import SMALL

_MINUTE, _HOUR = 60, 3600


def headline(report: ConductReport) -> str:
    """Which branch and days the report is about."""
    return _(
        "{branch}, {first} to {last} (days in {zone})",
        branch=report.branch or _("All branches"),
        first=report.first.isoformat(),
        last=report.last.isoformat(),
        zone=report.zone,
    )


def packs_line(report: ConductReport) -> str:
    """The rule packs that the published days were planned with."""
    packs = [f"{name} {listed(versions)}" for name, versions in report.packs.items()]
    none = _("no day was published in this time")
    return labelled(_("Rule packs in force"), listed(packs) if packs else none)


def hidden_line() -> str:
    """What the marks of hidden counts mean."""
    return _(
        "“<{small}” hides one to four; “*” is withheld because it would give such a count away. Figures in time need five at least.",
        small=SMALL,
    )


def duration(figure: Figure) -> str:
    """Seconds, minutes or hours, as a person says them; a dash where too few stand behind it."""
    seconds = figure.seconds
    if seconds is None:
        return "–"
    if seconds < 2 * _MINUTE:
        return _("{count} s", count=f"{seconds:.0f}")
    if seconds < 2 * _HOUR:
        return _("{minutes} min", minutes=f"{seconds / _MINUTE:.0f}")
    return _("{hours} h", hours=f"{seconds / _HOUR:.1f}")


def text_of(report: ConductReport) -> str:
    """The whole report as text."""
    parts = [headline(report), packs_line(report), hidden_line()]
    for measure in report.measures:
        parts += ["", *_lines(measure)]
    return "\n".join(parts)


def _lines(measure: Measure) -> Iterator[str]:
    yield labelled(said(measure.title), shown(measure.total))
    if measure.total.count == 0:
        # A line of zeros for every officer tells no more than the total.
        return
    for part in measure.breakdowns:
        if part.cells:
            head = (said(part.title), _("Count"))
            yield table([(said(cell.name), shown(cell)) for cell in part.cells], head)
    for figure in measure.figures:
        yield labelled(said(figure.title), duration(figure))
