"""Writes the table of docs/performance.md from the JSON that the benchmarks printed: `bench/table.py FOLDER`.

A file of the folder is named after the program that printed it: `sync.json` is of `bench/sync.py`; a
document with a `command` says itself how it came about.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.meanings import MEANINGS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_HEAD = (
    "| figure | meaning | measured | beside it in the same run | promised |",
    "|---|---|---|---|---|",
)


def table(documents: Mapping[str, Mapping[str, Any]]) -> str:
    """The section between the markers, from each program's document by its name."""
    parts = []
    for program, document in documents.items():
        command = document.get("command", _command(program))
        parts += ["", f"`{command}`, {_circumstances(document)}:", "", *_HEAD]
        parts += [_row(result) for result in document["results"]]
    return "\n".join([BEGIN, *parts, "", END])


def _command(program: str) -> str:
    return f".venv/bin/python bench/{program}.py --json"


def _circumstances(document: Mapping[str, Any]) -> str:
    """When and where, how fast the disk was before and after, and how busy the machine."""
    machine = document["machine"]
    load = document.get("load_before")
    busy = "" if load is None else f", and {load} programs wanted to run beforehand"
    return (
        f"{document['date']}, version {document['version']}, {machine['system']}"
        f" {machine['architecture']}, {machine['cores']} cores, Python {machine['python']};"
        f" writing 4 KiB durably took {document['fsync_before_ms']:g} ms before and"
        f" {document['fsync_ms']:g} ms after{busy}"
    )


def _row(result: Mapping[str, Any]) -> str:
    meaning = MEANINGS[result["name"]]
    beside = ", ".join(f"{_named(name)} {_number(value)}" for name, value in result["vs"].items())
    measured = f"{_number(result['value'])} {result['unit']}"
    return f"| `{result['name']}` | {meaning.text} | {measured} | {beside} | {meaning.promise} |"


def _named(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _documents(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted(folder.glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Replace what stands between the markers of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _old, _, after = rest.partition(END)
    PAGE.write_text(before + table(dict(_documents(Path(sys.argv[1])))) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
