"""The conduct report for machines: JSON with stable keys, and one tidy CSV file for a spreadsheet."""

from collections.abc import Iterator
from pathlib import Path

from fieldsync.locale import _, render
from fieldsync.words import Words
from server.commands.write_csv import write_rows
from server.workflow.conduct_measure import Cell, Measure
from server.workflow.report_conduct import ConductReport
from server.workflow.small_numbers import SMALL, Mark

WITHHELD = "*"
_COLUMNS = ("measure", "part", "code", "name", "count", "shown", "seconds")


def shown(cell: Cell) -> str:
    """The count as a reader sees it: itself, "<5", or a star where it would give another away."""
    if cell.mark is Mark.SMALL:
        return f"<{SMALL}"
    return WITHHELD if cell.count is None else str(cell.count)


def said(name: Words | str) -> str:
    """A name in the reader's language; codes and ids are themselves."""
    return render(name) if isinstance(name, Words) else name


def as_json(report: ConductReport) -> dict[str, object]:
    """The report as JSON; `count` is null where it is hidden, `seconds` where too few stand behind it."""
    return {
        "from": report.first.isoformat(),
        "to": report.last.isoformat(),
        "branch": report.branch,
        "zone": report.zone,
        "made_at": report.made_at.isoformat(),
        "packs": {name: list(versions) for name, versions in report.packs.items()},
        "measures": {measure.key: _measure(measure) for measure in report.measures},
    }


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "title": said(measure.title),
        "total": _cell(measure.total),
        "by": {
            part.key: {cell.key: _cell(cell) for cell in part.cells} for part in measure.breakdowns
        },
        "seconds": {figure.key: figure.seconds for figure in measure.figures},
    }


def _cell(cell: Cell) -> dict[str, object]:
    return {"count": cell.count, "shown": shown(cell)}


def write_csv(report: ConductReport, path: Path) -> Path:
    """Write one line a figure; into a folder under a name that says branch and days. The file's path."""
    if path.is_dir():
        branch = report.branch or "all"
        path /= f"conduct-{branch}-{report.first}-{report.last}.csv"
    write_rows(path, _COLUMNS, _rows(report))
    return path


def _rows(report: ConductReport) -> Iterator[tuple[str, ...]]:
    for name, versions in report.packs.items():
        for version in versions:
            yield ("pack", name, version, _("rule pack in force"), "", "", "")
    for measure in report.measures:
        yield (measure.key, "", *_columns(measure.total), "")
        for part in measure.breakdowns:
            for cell in part.cells:
                yield (measure.key, part.key, *_columns(cell), "")
        for figure in measure.figures:
            seconds = "" if figure.seconds is None else f"{figure.seconds:g}"
            yield (measure.key, "seconds", figure.key, said(figure.title), "", "", seconds)


def _columns(cell: Cell) -> tuple[str, str, str, str]:
    count = "" if cell.count is None else str(cell.count)
    return cell.key, said(cell.name), count, shown(cell)
