"""Holds the pins against each other, against what is installed and against the licences page; needs no network.

Whether a version has become known to be unsafe, or was withdrawn, only a service on the network can tell:
`make audit` asks it where it can be reached.
"""

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_FILES = ("dev.txt", "field.txt", "server.txt")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_ROW = re.compile(r"^\| ([a-z0-9.-]+) \| ([^|]+?) \|$", re.MULTILINE)
# Ourselves, and what `python -m venv` brings along.
_UNPINNED = frozenset({"fieldsync", "pip", "setuptools"})
Pins = dict[str, tuple[Requirement, frozenset[str]]]


def pins_of(file: Path, wrong: list[str]) -> Pins:
    """Each package of a file with its requirement and hashes; what is no pin is told."""
    found: Pins = {}
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, (line.strip() for line in text.splitlines())):
        said, *hashes = re.split(r"\s+(?=--)", line)
        if not hashes or not all(_HASH.fullmatch(one.strip()) for one in hashes):
            wrong.append(f"{file.name}: `{said}` has no hash, or something that is none")
            continue
        pin = Requirement(said)
        if pin.url or [one.operator for one in pin.specifier] != ["=="]:
            wrong.append(f"{file.name}: `{said}` names no one version")
            continue
        found[canonicalize_name(pin.name)] = (pin, frozenset(one.strip() for one in hashes))
    return found


def compare(pins: dict[str, Pins], wrong: list[str]) -> None:
    """What runs in the field and on servers is what was tested, to the byte."""
    tested = pins["dev.txt"]
    for file in _FILES[1:]:
        for name, (pin, hashes) in pins[file].items():
            known = tested.get(name)
            if known is None or known[0].specifier != pin.specifier or known[1] != hashes:
                wrong.append(f"{file}: {name} is not the one of dev.txt")


def compare_installed(pinned: Pins, wrong: list[str]) -> dict[str, Distribution]:
    """What is installed is what is pinned, and nothing else is."""
    installed = {canonicalize_name(one.metadata["Name"]): one for one in distributions()}
    for name, (pin, _hashes) in pinned.items():
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        here = installed[name].version if name in installed else "missing"
        if here not in pin.specifier:
            wrong.append(f"{name}: pinned {pin.specifier}, installed {here}")
    strangers = sorted(installed.keys() - pinned.keys() - _UNPINNED)
    wrong += [
        f"{name}: installed, not pinned (`make clean install` makes .venv anew)"
        for name in strangers
    ]
    return installed


def compare_licences(page: str, installed: dict[str, Distribution], wrong: list[str]) -> None:
    """A package whose own metadata names its licence as SPDX has that very one on the page."""
    for name, licence in _ROW.findall(page):
        own = installed[name].metadata.get("License-Expression") if name in installed else None
        if own is not None and own != licence:
            wrong.append(f"{name}: its licence is {own}, the licences page says {licence}")


def main(root: Path) -> int:
    """Say everything that is wrong; 1 where anything is."""
    wrong: list[str] = []
    pins = {name: pins_of(root / "requirements" / name, wrong) for name in _FILES}
    compare(pins, wrong)
    installed = compare_installed(pins["dev.txt"], wrong)
    page = (root / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
    compare_licences(page, installed, wrong)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent.parent))
