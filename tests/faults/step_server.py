"""Takes steps of prepared branches, each in a fork of itself with the system failing it at a chosen call.

`python -m tests.faults.step_server` answers one JSON line for each on standard input. The programs
are imported once; strace is attached to each fork before its step begins.
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.faults.one_step import take_step

_SET_PTRACER = 0x59616D61
_ANYONE = ctypes.c_ulong(-1)


def _strace() -> str:
    path = shutil.which("strace")
    if path is None:
        raise FileNotFoundError("strace is not here; `make system` installs it")
    return path


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the step said, whether it was killed, whether the fault happened at all.

    `error` where this system does not let one program trace another, with what it says of it.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        _be_the_step(theirs, Path(asked["folder"]), asked["step"])
    theirs.close()
    with ours, _attached(child, asked) as tracing:
        assert tracing.stderr is not None
        line = tracing.stderr.readline()
        if "attached" not in line:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return {"error": line}
        ours.sendall(b"go")
        said = b"".join(iter(lambda: ours.recv(1 << 16), b""))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        tracing.communicate()
    traced = Path(asked["log"]).read_text(encoding="utf-8", errors="replace")
    killed = status == -signal.SIGKILL
    injected = "(INJECTED)" in traced or killed
    return {"said": said.decode(), "killed": killed, "injected": injected, "status": status}


def _attached(child: int, asked: dict[str, Any]) -> subprocess.Popen[str]:
    call, fault, when = asked["call"], asked["fault"], asked["when"]
    inject = f"inject={call}:{fault}:when={when}"
    how = ["-f", "-o", asked["log"], "-e", f"trace={call}", "-e", inject, "-p", str(child)]
    return subprocess.Popen([_strace(), *how], stderr=subprocess.PIPE, encoding="utf-8")


def _be_the_step(line: socket.socket, folder: Path, step: str) -> None:
    """The fork: wait to be traced, take the step, tell by a call that no fault is put into, and be gone."""
    # Some systems let only a parent trace; strace is this process's sibling.
    ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYONE, 0, 0, 0)
    line.recv(2)
    status = 1
    try:
        line.sendall(take_step(folder, step).encode())
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it is told to the test
        line.sendall(f"crash: {traceback.format_exc()}".encode())
    finally:
        os._exit(status)


def main() -> None:
    """Answer until there is nothing more to read."""
    for asked in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(asked))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
