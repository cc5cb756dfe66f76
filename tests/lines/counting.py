"""Counts the faults a test has injected, where somebody asks for the figures."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

FOLDER_VARIABLE = "FIELDSYNC_RELIABILITY"


def count_faults(name: str, guarantees: Sequence[str], faults: int, seed: int | None) -> None:
    """One JSON line in a file of its own under $FIELDSYNC_RELIABILITY; nothing without the variable."""
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if not folder:
        return
    fact = {"guarantee": list(guarantees), "name": name, "faults": faults, "seed": seed}
    path = Path(folder) / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fact) + "\n", encoding="utf-8")
