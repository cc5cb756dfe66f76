"""The demo: the whole line with real processes, counted from the databases it leaves behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "fieldsync-server"


def _play(folder: Path, language: str) -> str:
    """Play the demo and return what it told."""
    done = subprocess.run(
        [str(PROGRAM), "--lang", language, "demo", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


# The same day twice: the second telling of it takes as long as the first, so `make test-all` has it.
@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("en", "he had fallen ill"),
        pytest.param("zh", "原来他病了", marks=pytest.mark.slow),
    ],
)
def test_a_day_loses_nothing_and_tells_its_story(tmp_path: Path, language: str, word: str) -> None:
    """Every record of every device reaches the server once; nobody with an appointment is missed."""
    folder = tmp_path / "a day"
    told = _play(folder, language)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert word in told
    assert summary["operations_lost"] == 0
    assert summary["operations_duplicated"] == 0
    assert summary["appointments_missed"] == 0
    assert summary["cases_imported"] == 1200
    assert summary["cases_rejected"] == 1
    assert summary["devices"] == 8
    assert summary["agreements_signed"] == 2
    assert summary["disclosures"] == summary["holds_everywhere"] == 2
    assert summary["refused_by_rule"] == 2
    assert summary["operations_recorded"] == (
        summary["operations_accepted"]
        + summary["operations_in_review"]
        + summary["operations_rejected"]
    )
    assert (folder / "agreement-NS-0001.pdf").read_bytes().startswith(b"%PDF")
