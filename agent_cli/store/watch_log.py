"""The background sync's log: a line per exchange, two files of a fixed size, no personal data."""

from pathlib import Path

LOG_NAME = "sync.log"
OLDER_NAME = "sync.1.log"
LIMIT_BYTES = 256 << 10


def append(home: Path, line: str) -> None:
    """Add a line; a full file takes the older one's place first."""
    path = home / LOG_NAME
    if path.is_file() and path.stat().st_size >= LIMIT_BYTES:
        path.replace(home / OLDER_NAME)
    # Opened for each line: a file that nobody holds open can be moved on every system.
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line + "\n")
