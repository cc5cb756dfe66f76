"""The reliability page names only tests that exist, and every proof that its table is made of."""

import re

from tests.house.tree import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)")
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_named_tests_exist() -> None:
    """Each test in the table is a function of the file it names."""
    named = NAMED.findall(PAGE)
    assert named
    for module, name in named:
        assert f"def {name}(" in (ROOT / module).read_text(encoding="utf-8"), name


def test_named_lines_exist() -> None:
    """What is no function's name is told by a test of the lines, whole or by its first word."""
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "lines").glob("test_*.py")
    )
    beginnings = tuple(re.findall(r'f"([a-z0-9-]+-)\{', tests))
    for name in re.findall(r"\| `([a-z0-9-]+)` \|", PAGE):
        assert f'"{name}"' in tests or name.startswith(beginnings), name


def test_every_guarantee_of_the_table_is_explained() -> None:
    """A number in the table stands in the text with what it means."""
    text, _, table = PAGE.partition("<!-- table: begin -->")
    for guarantee in set(re.findall(r"\bG\d+\b", table)):
        assert f"**{guarantee} " in text
