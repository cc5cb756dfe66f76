"""The pages of security name tests that exist; every threat has one, and every control of ASVS its row."""

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
CONTROLS = ROOT / "docs" / "reference" / "security-controls.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_THREATS = 24
# ASVS 5.0.0: how many controls of levels 1 and 2 each section has; its chapters 1 to 16 in their order.
# They stand before those of level 3 in every section.
_SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
_MASVS = {
    "STORAGE": 2, "CRYPTO": 2, "AUTH": 3, "NETWORK": 2, "PLATFORM": 3, "CODE": 4, "RESILIENCE": 4, "PRIVACY": 4,
}  # fmt: skip
_SAID_PLAINLY = ("Not met", "Not tested", "Does not apply", "The deployment's", "Written: ")


def rows() -> list[str]:
    """The rows of the table of threats."""
    part = PAGE.read_text(encoding="utf-8").partition("## Threats")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


@cache
def controls() -> tuple[tuple[str, ...], ...]:
    """The cells of every control: number or range, what it asks, how, shown by."""
    text = CONTROLS.read_text(encoding="utf-8").partition("## ASVS 5.0.0")[2]
    found = [tuple(cell.strip() for cell in line.split(" | ")) for line in text.splitlines()]
    return tuple(cells for cells in found if re.match(r"\| (\d|MASVS-)", cells[0]))


def numbers(cell: str) -> list[str]:
    """The numbers that a first cell stands for: one, or a range within a section."""
    first, _, last = cell.removeprefix("| ").partition("-")
    section, _, begin = first.rpartition(".")
    end = int(last.rpartition(".")[2]) if last else int(begin)
    return [f"{section}.{number}" for number in range(int(begin), end + 1)]


@cache
def names_in(file: Path) -> frozenset[str]:
    """The names of the tests in a file."""
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_threat_has_a_test() -> None:
    """A row without one is a promise that nobody keeps."""
    assert len(rows()) >= _THREATS
    assert [row for row in rows() if not _NAMED.search(row)] == []


@pytest.mark.parametrize("page", [PAGE, CONTROLS], ids=lambda page: str(page.name))
def test_every_test_that_is_named_exists(page: Path) -> None:
    """A test that was renamed takes its name along."""
    named = _NAMED.findall(page.read_text(encoding="utf-8"))
    assert named
    assert [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)] == []


def test_every_control_has_its_row() -> None:
    """All of levels 1 and 2 of ASVS 5.0.0, none twice, in order; all of MASVS."""
    asvs = [cells[0] for cells in controls() if "MASVS" not in cells[0] and "17." not in cells[0]]
    found = [number for cell in asvs for number in numbers(cell)]
    asked = [f"{s}.{n}" for s, count in _SECTIONS.items() for n in range(1, count + 1)]
    assert [number for number in asked if number not in found] == []
    places = [tuple(map(int, number.split("."))) for number in found]
    assert all(before < after for before, after in pairwise(places))
    masvs = [cells[0].removeprefix("| ") for cells in controls() if "MASVS" in cells[0]]
    assert masvs == [f"MASVS-{s}-{n}" for s, count in _MASVS.items() for n in range(1, count + 1)]


def test_every_control_is_shown_or_said_plainly() -> None:
    """A test, a page, or the plain word that it is not met or does not apply."""
    for cells in controls():
        how, shown = cells[2], cells[3].removesuffix("|").strip()
        plain = shown.startswith(_SAID_PLAINLY) or how.startswith("Does not apply")
        is_one = len(cells) == 4
        assert is_one, cells[0]
        assert _NAMED.search(shown) or plain or (shown == "–" and how == "None"), cells[0]
