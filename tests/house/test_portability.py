"""The product runs on Windows and macOS too: nothing of one system alone, no text by the local code page."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import modules, parsed

ROOMS = ("fieldsync", "agent_cli")
POSIX_MODULES = {
    "crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "spwd",
    "syslog", "termios", "tty",
}  # fmt: skip
POSIX_NAMES = {
    "os": {
        "chown", "chroot", "fork", "forkpty", "geteuid", "getgid", "getpgid", "getuid", "killpg",
        "lchown", "mkfifo", "nice", "openpty", "setgid", "setsid", "setuid", "statvfs", "sync",
        "uname", "wait", "waitpid", "O_DIRECTORY", "O_NOFOLLOW", "O_SYNC",
    },
    "signal": {"SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "alarm", "pause", "setitimer"},
    "socket": {"AF_UNIX"},
    "time": {"clock_gettime", "tzset"},
}  # fmt: skip
TEXT_METHODS = {"read_text", "write_text"}


def _guarded(tree: ast.Module) -> set[ast.AST]:
    """What stands in a `try` that catches its absence: the fallback is there."""
    return {
        inside
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(_catches_absence(handler) for handler in node.handlers)
        for part in node.body
        for inside in ast.walk(part)
    }


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    caught = ast.dump(handler.type) if handler.type else ""
    return any(name in caught for name in ("ImportError", "ModuleNotFoundError", "AttributeError"))


def _posix_only(path: Path) -> Iterator[str]:
    tree = parsed(path)
    guarded = _guarded(tree)
    for node in ast.walk(tree):
        if node not in guarded:
            yield from (f"{path}: {name}" for name in _of_one_system(node))


def _of_one_system(node: ast.AST) -> list[str]:
    """The modules or names at this node that Windows lacks."""
    if isinstance(node, ast.Import):
        return [a.name for a in node.names if a.name.partition(".")[0] in POSIX_MODULES]
    if isinstance(node, ast.ImportFrom):
        module = str(node.module)
        return [module] if module.partition(".")[0] in POSIX_MODULES else []
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = node.attr in POSIX_NAMES.get(node.value.id, set())
        return [f"{node.value.id}.{node.attr}"] if found else []
    return []


def _named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text_mode(call: ast.Call) -> bool:
    """Whether a call opens or reads a text file (binary modes name no encoding)."""
    if _named(call) in TEXT_METHODS:
        # click's help formatter has a method of this name too.
        return "super" not in ast.dump(call.func)
    if _named(call) not in {"open", "fdopen"}:
        return False
    if isinstance(call.func, ast.Attribute) and _named(call) == "open" and _is_module(call, "os"):
        return False
    modes = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    modes += [
        k.value.value
        for k in call.keywords
        if k.arg == "mode" and isinstance(k.value, ast.Constant) and isinstance(k.value.value, str)
    ]
    return not any("b" in mode for mode in modes)


def _is_module(call: ast.Call, name: str) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and isinstance(func.value, ast.Name)
        and func.value.id == name
    )


def test_nothing_belongs_to_one_system_alone() -> None:
    """No module or name that Windows lacks, unless a fallback stands beside it."""
    assert [found for path in modules(*ROOMS) for found in _posix_only(path)] == []


def test_every_text_file_names_its_encoding() -> None:
    """A Chinese Windows reads GBK where none is named."""
    silent = [
        f"{path}:{call.lineno}"
        for path in modules(*ROOMS)
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call)
        and _text_mode(call)
        and not any(k.arg == "encoding" for k in call.keywords)
        and not (
            _named(call) == "open" and isinstance(call.func, ast.Attribute) and call.args == []
        )
        # Pillow's open reads pictures, never text.
        and not (
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "Image"
        )
    ]
    assert silent == []


def test_no_path_is_put_together_by_hand() -> None:
    """Paths are joined by pathlib, so that a backslash is right where it is at home."""
    joined = [
        f"{path}:{node.lineno}"
        for path in modules(*ROOMS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"sep", "path"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert joined == []


def test_the_watch_sees_what_it_is_for(tmp_path: Path) -> None:
    """A breach is found, a guarded import is not one."""
    breach = tmp_path / "breach.py"
    breach.write_text("import fcntl\nimport os\nos.fork()\n", encoding="utf-8")
    assert len(list(_posix_only(breach))) == 2
    guarded = tmp_path / "guarded.py"
    guarded.write_text(
        "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None\n", encoding="utf-8"
    )
    assert list(_posix_only(guarded)) == []
