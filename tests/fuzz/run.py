"""Fuzzes harnesses with atheris: `python -m tests.fuzz.run [NAME ...] --seconds 60`, each in a process of its own.

What breaks a harness is kept in `tests/fuzz/corpus/NAME`, where pytest meets it from then on.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

SEED = 20261124
_OURS = ["fieldsync", "agent_cli", "server", "tomllib", "csv", "pyhanko", "http_message_signatures"]
_DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+)")
_LONGEST_S = "-timeout=10"
_SELF = (sys.executable, "-m", "tests.fuzz.run")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one harness: how often it was run, how many places of the code it reached, what broke it."""

    name: str
    runs: int
    places: int
    finds: int


def fuzz(name: str, seconds: int) -> Told:
    """Run one harness for so long; finds are copied to its corpus."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found")
        found.mkdir()
        done = subprocess.run(
            [*_SELF, name, "--inside", folder, "--seconds", str(seconds)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        finds = [path for path in found.iterdir() if path.is_file()]
        _keep(name, finds)
    if done.returncode and not finds:
        raise RuntimeError(done.stderr[-2000:])
    if finds:
        sys.stderr.write(done.stderr[-3000:])
    runs, places = _DONE.search(done.stderr), _COVERED.findall(done.stderr)
    told = int(runs.group(1)) if runs else 0
    return Told(name, told, int(places[-1]) if places else 0, len(finds))


def _keep(name: str, finds: Iterable[Path]) -> None:
    folder = Path(__file__).parent / "corpus" / name
    for path in finds:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.name)


def _inside(name: str, folder: Path, seconds: int) -> None:
    """What the process of one harness does; it ends in `atheris.Fuzz`."""
    import atheris

    with atheris.instrument_imports(include=_OURS, enable_loader_override=False):
        from tests.fuzz.table import HARNESSES
    harness = HARNESSES[name]
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, content in enumerate(harness.seeds()):
        (seeds / str(number)).write_bytes(content)
    options = [
        f"-max_total_time={seconds}",
        f"-seed={SEED}",
        _LONGEST_S,
        "-max_len=65536",
        f"-artifact_prefix={folder / 'found'}/",
        str(seeds),
    ]
    atheris.Setup([sys.argv[0], *options], lambda content: harness.held_to(content) and None)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the named harnesses, or all; 1 where one of them broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", type=Path, help="write what came of it here")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.inside:
        _inside(said.names[0], said.inside, said.seconds)
        return 0
    from tests.fuzz.table import HARNESSES

    found = []
    for name in said.names or HARNESSES:
        told = fuzz(name, said.seconds)
        print(f"{told.name}: {told.runs:,} runs, {told.places:,} places, {told.finds} finds")  # noqa: T201 - a program
        found.append(told)
    if said.json:
        said.json.write_text(json.dumps([asdict(told) for told in found]), encoding="utf-8")
    return 1 if any(told.finds for told in found) else 0


if __name__ == "__main__":
    sys.exit(main())
