"""Nothing unfinished, no machine's path and no registry's address stands in the repository."""

import re

import pytest

from tests.house.tree import texts

# Put together here, so that this file does not hold what it looks for.
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "<" * 7, ">" * 7]
MACHINE_PATHS = [
    "/" + folder + "/" for folder in ("root", "work", "opt/pypi", "Users", "home/user")
]
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("yarnpkg", "com"), ("crates", "io"), ("rubygems", "org"), ("proxy", "golang", "org"),
        ("anaconda", "org"), ("docker", "io"), ("ghcr", "io"), ("quay", "io"), ("gcr", "io"),
        ("unpkg", "com"), ("jsdelivr", "net"), ("maven", "org"), ("nuget", "org"),
    )
]  # fmt: skip


def _holding(pattern: str) -> list[str]:
    search = re.compile(pattern).search
    return [
        f"{path}:{number}"
        for path, text in texts()
        if path.name != "LICENSE"
        for number, line in enumerate(text.splitlines(), start=1)
        if search(line)
    ]


@pytest.mark.parametrize("mark", UNFINISHED)
def test_nothing_is_unfinished(mark: str) -> None:
    """What is not done is not in the tree: it is in an issue."""
    word = mark.isalpha()
    assert _holding(rf"\b{mark}\b" if word else f"^{mark}") == []


@pytest.mark.parametrize("path", MACHINE_PATHS)
def test_no_path_of_a_machine(path: str) -> None:
    """A path that exists on one machine only is of no use to anybody else."""
    assert _holding(rf"(?<![\w.]){re.escape(path)}") == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_registry_is_named(host: str) -> None:
    """Where packages come from is the user's choice, so no file names a registry."""
    assert _holding(re.escape(host)) == []
