"""Every numbered error is in docs/reference/problems.md, and every number there is real."""

import ast
import re
from collections import defaultdict

from fieldsync import errors
from tests.house.tree import ROOMS, ROOT, called_name, calls, modules, parsed

PAGE = ROOT / "docs" / "reference" / "problems.md"
FRAGMENTS = sorted((ROOT / "docs" / "reference" / "problems").glob("*.md"))
CODE = re.compile(r"^(40[0-9]|41[0-9]|42[0-9]|451|460|50[0-9]|60[0-9])\.\d{1,3}$")
ROW = re.compile(r"^\|\s*`?(\d{3}\.\d+)`?\s*\|(.+)\|(.+)\|\s*$", re.MULTILINE)


def _codes_in_the_code() -> dict[str, str]:
    return {
        node.value: f"{path}:{node.lineno}"
        for path in modules(*ROOMS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value)
    }


def _documented() -> dict[str, list[str]]:
    found = defaultdict(list)
    for fragment in FRAGMENTS:
        for code, _meaning, _remedy in ROW.findall(fragment.read_text(encoding="utf-8")):
            found[code].append(fragment.name)
    return found


def test_every_code_is_documented() -> None:
    """Whoever meets a number can look it up."""
    documented = _documented()
    assert {c: at for c, at in _codes_in_the_code().items() if c not in documented} == {}


def test_every_documented_code_is_real() -> None:
    """A number that nothing raises any more is struck out."""
    real = _codes_in_the_code()
    assert {c: at for c, at in _documented().items() if c not in real} == {}


def test_a_code_means_one_thing() -> None:
    """Each number is explained once, and raised as one class of error, so its exit code is stable."""
    assert {c: at for c, at in _documented().items() if len(at) > 1} == {}
    classes = defaultdict(set)
    for path in modules(*ROOMS):
        for call in calls(path):
            first = call.args[0] if call.args else None
            if isinstance(first, ast.Constant) and CODE.match(str(first.value)):
                name = called_name(call)
                if isinstance(getattr(errors, name, None), type):
                    classes[first.value].add(name)
    assert {c: names for c, names in classes.items() if len(names) > 1} == {}


def test_every_fragment_is_on_the_page() -> None:
    """The page includes each part's table."""
    page = PAGE.read_text(encoding="utf-8")
    assert [f.name for f in FRAGMENTS if f"problems/{f.name}" not in page] == []
