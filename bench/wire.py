"""Measures one working day on the wire: the bytes and round trips of its exchange, headers counted.

A real device records twelve visits, their notes, two disclosures and two agreements on a planned day
of the fixture branch, and syncs once in the evening through a line that counts. The agreements'
files are counted apart.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from agent_cli.actions.enrol import Line, enrol
from agent_cli.actions.exchange import exchange
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.keys import REQUEST_KEY, load_key
from agent_cli.remote import Remote
from bench.counting_line import Passed, counting
from bench.recorded_day import record_day
from bench.report import Result, run
from bench.running_server import command, running
from tests.device_files import PASSPHRASE
from tests.fakes import FixedClock

_BOOK = Path(__file__).parent.parent / "fixtures" / "shenzhen"
_DAY = date(2026, 11, 24)
_BRANCH = "SZ-NANSHAN"
_OFFICER = "SZ1001"
_CHINA = timezone(timedelta(hours=8))
_EVE = datetime(2026, 11, 23, 18, tzinfo=_CHINA)
_MORNING = datetime(2026, 11, 24, 8, tzinfo=_CHINA)
_EVENING = datetime(2026, 11, 24, 19, tzinfo=_CHINA)
_TIMEOUT_S = 60
_SYNC = "/api/v1/sync"


def planned_branch(home: Path) -> None:
    """The fixture branch with its day planned and published, as the office does it."""
    books = [str(_BOOK / name) for name in ("cases.csv", "contacts.csv", "payments.csv")]
    where = ("--branch", _BRANCH, "--date", _DAY.isoformat())
    for step in (
        ("init", "--training"),
        ("import-staff", str(_BOOK / "staff.csv")),
        ("import-cases", *books),
        ("plan", *where, "--seconds", "3"),
        ("publish", *where),
    ):
        command(home, *step, clock=_EVE)


def enrolled(home: Path, url: str, officer: str, folder: Path) -> Options:
    """A device in `folder`, tied to the officer."""
    told = json.loads(command(home, "enroll-code", "--officer", officer, "--json", clock=_MORNING))
    enrol(folder, url, told["code"], PASSPHRASE, Line(_TIMEOUT_S))
    return Options(home=str(folder))


def measure(folder: Path) -> list[Result]:
    """The evening's exchange; what the files took stands beside it."""
    home = folder / "bank"
    planned_branch(home)
    with running(home, clock=_MORNING) as server:
        device = enrolled(home, server.url, _OFFICER, folder / "device")
        with open_device(device) as ctx:
            _sync(ctx, server.url, FixedClock(_MORNING))
    with open_device(device) as ctx:
        record_day(ctx, _DAY)
        with running(home, clock=_EVENING) as server, counting(server.url) as line:
            _sync(ctx, line.url, FixedClock(_EVENING))
            return _results(line.passed)


def _sync(ctx: DeviceContext, url: str, clock: FixedClock) -> None:
    key = load_key(ctx.keys, REQUEST_KEY)
    remote = Remote(url, ctx.identity.device_id, key, clock, ctx.randomness, _TIMEOUT_S)
    exchange(ctx, remote, lambda _done: None)


def _results(passed: Sequence[Passed]) -> list[Result]:
    """The requests before the first file are the day's records."""
    first_file = next((n for n, one in enumerate(passed) if one.path != _SYNC), len(passed))
    day, files = passed[:first_file], passed[first_file:]
    return [
        Result("wire.day_up_bytes", sum(len(one.up) for one in day), "bytes"),
        Result("wire.day_down_bytes", sum(len(one.down) for one in day), "bytes"),
        Result("wire.day_round_trips", len(day), "round trips"),
        Result(
            "wire.day_files_up_bytes",
            sum(len(one.up) for one in files),
            "bytes",
            {"round_trips": len(files), "down_bytes": sum(len(one.down) for one in files)},
        ),
    ]


if __name__ == "__main__":
    run(__doc__, measure)
