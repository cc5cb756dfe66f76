"""The check of the pins finds what was tampered with, and the audit never calls unknown what is safe."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

_CHECK = ROOT / ".ci" / "check_pins.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pins and the licences page, to be tampered with."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    page = tmp_path / "docs" / "reference"
    page.mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "reference" / "licences.md", page)
    return tmp_path


def checked(root: Path) -> tuple[int, str]:
    """Exit code and what was said."""
    done = subprocess.run(
        [sys.executable, str(_CHECK), str(root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_the_pins_hold() -> None:
    """Every pin has its hashes, is installed, and has its licence on the page."""
    assert checked(ROOT) == (0, "")


@pytest.mark.parametrize(
    ("file", "pattern", "instead", "said"),
    [
        ("requirements/dev.txt", r"flask==[\d.]+", "flask==0.1", "flask: pinned ==0.1"),
        ("requirements/server.txt", r"(flask==.*?sha256:)\w{4}", r"\g<1>0000", "server.txt: flask"),
        ("requirements/field.txt", r"(click==[\d.]+) \\(\n    --hash.*)+", r"\1", "`click=="),
        ("requirements/dev.txt", r"click==[\d.]+", "click>=1", "names no one version"),
        ("requirements/dev.txt", r"\Z", "other==1 --hash=sha256:" + "0" * 64, "other: pinned"),
        ("requirements/dev.txt", r"--hash=sha256:\w+", "--index-url x", "has no hash"),
        ("docs/reference/licences.md", r"\| click \| .*\|", "| click | GPL-3.0 |", "click: its"),
    ],
)
def test_a_tampered_pin_is_found(
    copy: Path, file: str, pattern: str, instead: str, said: str
) -> None:
    """Another version, another hash, none at all, an option, a package too many, another licence."""
    path = copy / file
    before = path.read_text(encoding="utf-8")
    after = re.sub(pattern, instead, before, count=1, flags=re.DOTALL if ".*?" in pattern else 0)
    assert after != before
    path.write_text(after, encoding="utf-8")
    code, told = checked(copy)
    assert code == 1
    assert said in told


_AUDIT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("audit", sys.argv[1])
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)
safe = {"name": "a", "version": "1", "vulns": []}
unsafe = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}]}
unknown = {"name": "c", "skip_reason": "not found"}
for packages in ([safe], [safe, unknown], [safe, unsafe, unknown]):
    print(audit.told({"dependencies": packages})[1])
print(audit.main("no-such-program", audit.Path("none.txt")))
"""


def test_an_audit_that_asked_nobody_is_no_good_news() -> None:
    """What the service does not know, or nobody asked, has an exit code of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT, str(ROOT / ".ci" / "audit.py")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["0", "3", "1", "3"]
    assert "nothing was audited" in done.stderr
