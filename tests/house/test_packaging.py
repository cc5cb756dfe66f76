"""What is shipped and what is pinned: one wheel of three packages, every dependency with hashes."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, files

DATA = {".css", ".html", ".js", ".mo", ".svg", ".toml", ".typ"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = {
    "field.txt": (),
    "server.txt": ("server", "planner"),
    "dev.txt": ("server", "planner", "postgres", "s3", "dev"),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in the wheel, built as a release builds it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_holds_three_packages(wheel: list[str]) -> None:
    """Nothing but the packages and their metadata: no tests, no fixtures."""
    tops = {name.partition("/")[0] for name in wheel}
    assert {t for t in tops if not t.endswith(".dist-info")} == set(ROOMS)


def test_the_wheel_is_whole(wheel: list[str]) -> None:
    """Every module and every data file of the packages is in it, and the Chinese catalogue."""
    expected = {
        path.as_posix()
        for path in files()
        if path.parts[0] in ROOMS and path.suffix in DATA | {".py", ".typed"}
    } - {"fieldsync/locale/build_catalogues.py"}
    shipped = {name for name in wheel if ".dist-info/" not in name}
    assert expected - shipped == set()
    catalogue = "fieldsync/locale/zh_CN/LC_MESSAGES/fieldsync.mo"
    # Fetched when the program is built; without npm the page says that it is missing.
    pad = "agent_cli/page/static/vendor/signature_pad.js"
    assert shipped - expected - {pad} == {catalogue}


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def _pinned(path: Path) -> dict[str, str]:
    """Each pinned package with everything that stands under it."""
    found = {}
    for block in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8")):
        if block.strip() and not block.startswith("#"):
            found[_name(block)] = block
    return found


@pytest.mark.parametrize(("file", "extras"), PINS.items())
def test_every_dependency_is_pinned(file: str, extras: tuple[str, ...]) -> None:
    """What pyproject.toml asks for is pinned to one version with its hashes."""
    asked = set(PROJECT["dependencies"])
    asked.update(*(PROJECT["optional-dependencies"][extra] for extra in extras))
    pinned = _pinned(ROOT / "requirements" / file)
    assert {_name(requirement) for requirement in asked} - set(pinned) == set()
    assert [
        n for n, block in pinned.items() if "==" not in block or "--hash=sha256:" not in block
    ] == []


def test_every_licence_is_named() -> None:
    """The licences page has a row for each package that is installed where Fieldsync runs."""
    page = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    rows = "\n".join(line.partition("|")[2] for line in page.splitlines() if line.startswith("|"))
    named = set(re.findall(r"[a-z0-9][a-z0-9-]+", rows))
    installed = {*_pinned(ROOT / "requirements" / "field.txt"), "psycopg", "psycopg-binary"}
    installed |= set(_pinned(ROOT / "requirements" / "server.txt"))
    assert installed - named == set()


@pytest.mark.parametrize("file", PINS)
def test_pins_name_no_place(file: str) -> None:
    """Names, versions, conditions and hashes; never an address, a folder or an option of pip."""
    line = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==[\w.+!-]+( ; [^\\]+)? \\"
        r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
    )
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    assert [row for row in text.splitlines() if not line.fullmatch(row)] == []


def test_one_version_everywhere() -> None:
    """The three files agree on every version, so a test run speaks for the field."""
    dev = _pinned(ROOT / "requirements" / "dev.txt")
    for file in PINS:
        for name, block in _pinned(ROOT / "requirements" / file).items():
            # On which interpreters it is needed may differ: more packages, more of them.
            assert block.split()[0] == dev[name].split()[0]
