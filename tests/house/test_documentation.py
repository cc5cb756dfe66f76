"""The repository's own texts stay true: links lead somewhere, names exist, the pages build."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent_cli.main import TABLE as FIELD
from server.cli import TABLE as SERVER
from tests.house.tree import ROOMS, ROOT, files

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PAGES = [path for path in files() if path.suffix == ".md"]
README_LINES_MAX = 150


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of every page leads to a file that is kept."""
    text = (ROOT / page).read_text(encoding="utf-8")
    folder = (ROOT / page).parent
    assert [link for link in LINK.findall(text) if not (folder / link).exists()] == []


def test_the_readme_is_short() -> None:
    """Details go to the documentation."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < README_LINES_MAX


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_that_are_named_exist(page: Path) -> None:
    """`fieldsync x` and `fieldsync-server x` in a text are commands of those programs."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(
        r"[`$] ?(fieldsync(?:-server)?)(?: --?[\w-]+(?: [^\s`-]\S*)?)* ([a-z][a-z-]+)", text
    )
    tables = {"fieldsync": FIELD, "fieldsync-server": SERVER}
    assert [pair for pair in named if pair[1] not in tables[pair[0]]] == []


def test_every_room_is_on_the_map() -> None:
    """CONTRIBUTING names every room of the code where it explains how to find a way in it."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Navigating the code")[2]
    rooms = {p.parts[1] for p in files() if p.parts[0] in ROOMS and len(p.parts) > 2}
    assert {room for room in rooms if f"{room}/`" not in section} == set()


def test_the_pages_build(tmp_path: Path) -> None:
    """Sphinx builds every page without a single warning."""
    result = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html"),
            *("-d", str(tmp_path / "doctrees"), "docs", str(tmp_path / "html")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert (tmp_path / "html" / "index.html").is_file()
