"""Reads the repository for the house tests: which files there are, and what their code says."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("fieldsync", "agent_cli", "server")
TEXT = {
    ".cff", ".cfg", ".css", ".csv", ".html", ".ini", ".j2", ".js", ".json", ".md", ".po", ".py",
    ".sh", ".svg", ".toml", ".txt", ".typ", ".yaml", ".yml", "",
}  # fmt: skip


@cache
def files() -> tuple[Path, ...]:
    """Every file git keeps or would keep, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode("utf-8")
    return tuple(
        Path(name) for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()
    )


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file with its content."""
    for path in files():
        if path.suffix in TEXT:
            yield path, (ROOT / path).read_bytes().decode("utf-8", errors="replace")


def modules(*rooms: str) -> tuple[Path, ...]:
    """The Python files of these rooms (default: the whole repository)."""
    return tuple(p for p in files() if p.suffix == ".py" and (not rooms or p.parts[0] in rooms))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one module."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in one module."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    """The last part of what is called: `words` for `words(...)` and `x.words(...)`."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
