"""The security page names tests that exist, and every threat has one."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_THREATS = 24


def rows() -> list[str]:
    """The rows of the table of threats."""
    part = PAGE.read_text(encoding="utf-8").partition("## Threats")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_every_threat_has_a_test() -> None:
    """A row without one is a promise that nobody keeps."""
    assert len(rows()) >= _THREATS
    assert [row for row in rows() if not _NAMED.search(row)] == []


def test_every_test_that_is_named_exists() -> None:
    """A test that was renamed takes its name along."""
    missing = []
    for path, name in _NAMED.findall(PAGE.read_text(encoding="utf-8")):
        file = ROOT / path
        names = set()
        if file.is_file():
            tree = ast.parse(file.read_text(encoding="utf-8"))
            names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if name not in names:
            missing.append(f"{path}::{name}")
    assert missing == []
