"""Asks the advisory service which pinned versions are known to be unsafe, and says so where nobody answers.

pip-audit calls it a success when the service knows nothing of a package; here what was not looked at is told.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_FOUND, _UNKNOWN = 1, 3
_TIME_S = 300


def told(report: dict[str, Any]) -> tuple[list[str], int]:
    """What to say of a report, and the exit code: 1 for what is unsafe, 3 where something was not looked at."""
    packages = report["dependencies"]
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    code = _FOUND if lines else 0
    if skipped:
        lines.append(
            f"Not looked at: {len(skipped)} of {len(packages)} packages; the service did not know them."
        )
        code = code or _UNKNOWN
    if not code:
        lines.append(f"{len(packages)} packages, none known to be unsafe.")
    return lines, code


def main(program: str, pins: Path) -> int:
    """Audit one file of pins."""
    asked = [program, "--disable-pip", "--require-hashes", "-r", str(pins), "--format", "json"]
    asked += ["--progress-spinner", "off", "--timeout", "15"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=_TIME_S)
        report = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        print("No advisory service can be reached from here: nothing was audited.", file=sys.stderr)
        return _UNKNOWN
    lines, code = told(report)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
