"""Modules and functions stay small enough to read at one sitting, and say first what they are for."""

import ast
from statistics import median

from tests.house.tree import ROOMS, ROOT, modules, parsed

MODULE_LINES_MAX = 400
MODULE_LINES_MEDIAN = 90
FUNCTION_LINES_MAX = 60
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}


def test_modules_are_small() -> None:
    """No module is over 400 lines, and half of the product's have under 90."""
    lines = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()
    }
    assert {str(p): n for p, n in lines.items() if n > MODULE_LINES_MAX} == {}
    product = [n for path, n in lines.items() if path.parts[0] in ROOMS and n > 1]
    assert median(product) < MODULE_LINES_MEDIAN


def test_functions_fit_on_a_screen() -> None:
    """No function is over 60 lines, decorators and docstring included."""
    long = {
        f"{path}:{node.name}": length
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_modules_say_their_job() -> None:
    """Every module opens with one sentence, ending in a full stop on its own paragraph."""
    silent = [
        str(path)
        for path in modules()
        if not (ast.get_docstring(parsed(path)) or "").split("\n\n")[0].endswith(".")
    ]
    assert silent == []


def test_tests_say_what_they_hold() -> None:
    """Every test has a sentence as its docstring."""
    silent = [
        f"{path}:{node.name}"
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_names_say_something() -> None:
    """No module is called by a name under which anything could be put."""
    assert [str(p) for p in modules() if p.stem in NAMES_THAT_SAY_NOTHING] == []
