"""The process that keeps an open device's keys for some minutes, so that commands need not ask each time.

It answers only processes of its own user, on a socket in a folder that only they can enter (where the
system has no such sockets: on loopback, to whoever can read a token in the device's folder). It forgets
the keys when nobody asked for a while, at the latest after a working day, and when it is told to.
"""

import hmac
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from agent_cli.vault.keeper_place import HAS_UNIX, Place, local_socket, place_of, user, write_token

LONGEST_S = 12 * 3600
_LOOK_S = 5.0
_ANSWER_S = 2.0
_LINE_MAX = 4096
_READY = "ready\n"


@dataclass(slots=True)
class _Kept:
    """The keys as text, and the times that end their keeping (seconds)."""

    text: str
    idle_s: float
    begun: float
    last: float

    def left_s(self, now: float) -> float:
        """Seconds until they are forgotten; a clock that jumps never makes it longer."""
        idle = self.idle_s - max(0.0, now - self.last)
        return min(idle, LONGEST_S - max(0.0, now - self.begun))


def now_s() -> float:
    """Seconds that go on while the machine sleeps, where the system counts those."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except AttributeError:
        return time.monotonic()


def serve(home: Path, text: str, idle_s: float, ready: Callable[[], None]) -> None:
    """Keep the keys of this folder until they are to be forgotten; `ready` is called once it listens."""
    place = place_of(home)
    with closing(_listen(place)) as listener:
        listener.settimeout(min(_LOOK_S, max(0.05, idle_s)))
        begun = now_s()
        kept = _Kept(text, idle_s, begun, begun)
        ready()
        try:
            while kept.left_s(now_s()) > 0 and _one(listener, place, kept):
                pass
        finally:
            place.forget()


def _listen(place: Place) -> socket.socket:
    if not HAS_UNIX:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        write_token(place, listener.getsockname()[1])
    else:
        listener = local_socket()
        place.path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listener.bind(str(place.path))
        finally:
            os.umask(before)
    listener.listen(8)
    return listener


def _one(listener: socket.socket, place: Place, kept: _Kept) -> bool:
    """Answer whoever comes in the next seconds; False where the keys are to be forgotten."""
    try:
        conn, _address = listener.accept()
    except TimeoutError:
        return True
    with closing(conn), suppress(OSError):
        conn.settimeout(_ANSWER_S)
        if not _is_own(conn):
            return True
        token, _, wish = conn.recv(_LINE_MAX).decode("ascii", "replace").strip().partition(" ")
        if not hmac.compare_digest(token.encode(), place.token().encode()):
            return True
        return _answer(conn, wish, kept)
    return True


def _answer(conn: socket.socket, wish: str, kept: _Kept) -> bool:
    if wish == "forget":
        conn.sendall(b"\n")
        return False
    if kept.left_s(now_s()) <= 0:
        return False
    if wish == "look":
        conn.sendall(f"{kept.left_s(now_s()):.0f}\n".encode())
    elif wish == "keys":
        kept.last = now_s()
        conn.sendall(kept.text.encode() + b"\n")
    return True


def _is_own(conn: socket.socket) -> bool:
    """Whether the process at the other end is of this very user, where the system tells."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    import struct

    told = conn.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
    _pid, asking, _group = struct.unpack("3i", told)
    return bool(asking == user())


def _no_traces() -> None:
    """No core file of this process, and no other program reads its memory, where the system can do that."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass
    if sys.platform == "linux":
        import ctypes

        pr_set_dumpable = 4
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)


def main() -> None:
    """Folder and seconds as arguments, the keys on standard input: they never stand in a command line."""
    _no_traces()
    home, idle_s = Path(sys.argv[1]), float(sys.argv[2])
    text = sys.stdin.readline().strip()

    def ready() -> None:
        sys.stdout.write(_READY)
        sys.stdout.flush()
        null = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(null, handle)

    serve(home, text, idle_s, ready)


if __name__ == "__main__":
    main()
