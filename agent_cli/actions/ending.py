"""Ends a long-running command cleanly: by Ctrl-C, by SIGTERM, or by a request in the device's folder."""

import _thread
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

STOP_NAME = "sync.stop"
_LOOK_S = 0.5
# Ctrl-C, a service manager's word, Ctrl-Break on Windows, and the terminal that was closed.
_SIGNALS = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None
)


class EndedError(BaseException):
    """Raised in whatever is being done when the end is asked for; every write there is a transaction."""


@contextmanager
def until_ended(home: Path) -> Iterator[Callable[[float], bool]]:
    """Runs the block until it is over or its end is asked for; nothing is raised then.

    Gives the block a wait in seconds that says whether the end was asked for meanwhile.
    """
    asked: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        # No Event here: setting one from a handler can wait for the very thread it interrupted.
        asked.append(number)
        if len(asked) == 1:
            raise EndedError

    def rest(seconds: float) -> bool:
        if not asked:
            time.sleep(seconds)
        return bool(asked)

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    request = home / STOP_NAME
    request.unlink(missing_ok=True)
    over = threading.Event()
    looking = threading.Thread(target=_look, args=(request, over), daemon=True)
    looking.start()
    try:
        yield rest
    except EndedError:
        pass
    finally:
        over.set()
        looking.join()
        for number, handler in before.items():
            signal.signal(number, handler)
        request.unlink(missing_ok=True)


def _look(request: Path, over: threading.Event) -> None:
    """A request that waits for the main thread's next pause would wait out a hanging line."""
    while not over.wait(_LOOK_S):
        if request.exists():
            _interrupt_main()
            return


def _interrupt_main() -> None:
    try:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    except AttributeError:  # Windows has no such call; there the wait of the line ends first
        _thread.interrupt_main(signal.SIGTERM)
