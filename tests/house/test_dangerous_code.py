"""What would make a hole of a slip is not in the product at all: dynamic code, shells, weak hashes, open fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT

_ROOMS = ("fieldsync", "agent_cli", "server")
_NEVER_CALLED = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "render_template_string",
    "system",
    "popen",
}
_NEVER_IMPORTED = {"pickle", "marshal", "shelve", "yaml", "lxml", "telnetlib", "ftplib"}
# MD5 and SHA-1 protect nothing any more; `random` can be guessed.
_WEAK = {"md5", "sha1", "random"}


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for room in _ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _pages() -> list[str]:
    found = [path for room in _ROOMS for path in (ROOT / room).rglob("*.html")]
    return [path.read_text(encoding="utf-8") for path in found]


def _scripts() -> list[str]:
    found = [path for room in _ROOMS for path in (ROOT / room).rglob("*.js")]
    return [path.read_text(encoding="utf-8") for path in found if "vendor" not in path.parts]


def _called(node: ast.AST) -> str:
    """The bare name of what is called; empty where nothing is, or where it is a method such as `re.compile`."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        return (
            node.func.attr if isinstance(owner, ast.Name) and owner.id in {"os", "builtins"} else ""
        )
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_nothing_runs_what_it_reads() -> None:
    """No `eval`, no `pickle`, no shell, no template made of text."""
    wrong = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [(node.module or "").partition(".")[0]]
            shells = [
                word.arg
                for word in getattr(node, "keywords", ())
                if isinstance(node, ast.Call) and word.arg == "shell"
            ]
            if _called(node) in _NEVER_CALLED or _NEVER_IMPORTED & set(names) or shells:
                wrong.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
    assert wrong == []


def test_no_cryptography_is_homemade() -> None:
    """Hashes are SHA-2 or BLAKE2b, random bytes are the system's; nothing weaker is even imported."""
    wrong = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            is_hash = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in {"hashlib", "hashes"}
                and node.attr.lower() in _WEAK
            )
            is_random = isinstance(node, ast.Import) and any(a.name in _WEAK for a in node.names)
            if is_hash or is_random:
                wrong.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
    assert wrong == []


def test_password_fields_are_masked_and_may_be_pasted_into() -> None:
    """Each field of a password is one, and nothing keeps a password manager out."""
    fields = [field for page in _pages() for field in re.findall(r"<input[^>]*>", page)]
    passwords = [field for field in fields if "password" in field]
    assert passwords
    assert [field for field in passwords if 'type="password"' not in field] == []
    for text in (*_pages(), *_scripts()):
        assert "onpaste" not in text
        assert '"paste"' not in text
    assert not [field for field in passwords if 'autocomplete="off"' in field]


def test_no_script_keeps_anything_in_the_browser() -> None:
    """No storage, no cookie, no markup made of text, no object merged with another's."""
    scripts = _scripts()
    assert scripts
    for script in scripts:
        for word in (
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "innerHTML",
            "insertAdjacentHTML",
            "postMessage",
            "__proto__",
            "eval(",
            "new Function",
        ):
            assert word not in script
