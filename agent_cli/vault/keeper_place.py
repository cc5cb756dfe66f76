"""Where the keeper of a device's keys listens: a socket only its user can reach, or a port and a token."""

import hashlib
import json
import os
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The rest of the name takes some forty bytes of the hundred that a socket's path may have.
_BASE_MAX = 60
# Windows has such sockets, but not from Python.
HAS_UNIX = os.name == "posix"
_TOKEN_NAME = "keeper.json"  # noqa: S105 - a file's name
_NO_TOKEN = "-"  # noqa: S105 - what stands where the system itself tells who asks


@dataclass(frozen=True, slots=True)
class Place:
    """`path` of a socket where the system has local sockets, otherwise `note` tells port and token."""

    path: Path
    note: Path

    def token(self) -> str:
        """What a question begins with."""
        return _NO_TOKEN if HAS_UNIX else str(self.read().get("token", ""))

    def port(self) -> int:
        """The port on loopback; 0 where nobody listens."""
        return int(str(self.read().get("port", 0)))

    def read(self) -> dict[str, object]:
        """The note, or nothing where there is none."""
        try:
            found = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def forget(self) -> None:
        """Nobody listens here any more."""
        (self.path if HAS_UNIX else self.note).unlink(missing_ok=True)


def place_of(home: Path) -> Place:
    """The place for this device's folder. OSError where somebody else has the folder of the sockets."""
    name = hashlib.blake2b(str(home.resolve()).encode(), digest_size=12).hexdigest()
    return Place(_folder() / name if HAS_UNIX else home, home / _TOKEN_NAME)


def local_socket() -> socket.socket:
    """A socket within this machine; OSError where the system has none."""
    try:
        return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except AttributeError as error:
        raise OSError("no local sockets") from error


def write_token(place: Place, port: int) -> None:
    """Say where it listens, to whoever can read the device's folder."""
    import secrets

    note = json.dumps({"port": port, "token": secrets.token_hex(32)})
    place.note.write_text(note, encoding="utf-8")


def user() -> int:
    """The number of this user; 0 where the system has none."""
    try:
        return os.getuid()
    except AttributeError:
        return 0


def _folder() -> Path:
    """A folder for sockets that is this user's alone; a path of a socket has some hundred bytes at most."""
    told = os.environ.get("XDG_RUNTIME_DIR", "")
    base = told if told and len(told) < _BASE_MAX else tempfile.gettempdir()
    folder = Path(base) / f"fieldsync-{user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    return folder
