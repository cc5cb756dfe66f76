"""`sync --watch`, `--background` and `--stop`: what they exchange when, what ends them, and what status tells."""

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent_cli.actions.attempt import attempt
from agent_cli.actions.talk import remote_of
from agent_cli.actions.watch import Told, Watch, watch
from agent_cli.context import open_device
from agent_cli.exchange_shown import line_of, size
from agent_cli.store import watch_log
from agent_cli.store.locks import EXCHANGE_LOCK, WATCH_LOCK, holding, is_held
from fieldsync.errors import FieldsyncError, UnauthorisedError, UnreachableError
from fieldsync.sync.rhythm import RETRY_AFTER_MAX_S, SETTLE_S
from server.store import tables
from server.store.engine import writing
from tests.agent_cli.bank import Bank, enrolled, states
from tests.agent_cli.made_up import ANA, Device, at
from tests.agent_cli.strangers import Stranger, standing_in
from tests.fakes import FixedClock

PROGRAM = [sys.executable, "-c", "from agent_cli.main import main; main()"]
_TOO_LONG_S = 60


@pytest.fixture
def ana(bank: Bank, tmp_path: Path) -> Device:
    """Ana's device, enrolled and not yet synced."""
    return enrolled(bank, tmp_path / "ana", ANA)


@dataclass
class Story:
    """A watch on a clock that goes on only where the watch rests; `turns` happen one after each exchange."""

    device: Device
    turns: list[Callable[[], object]]
    told: list[Told] = field(default_factory=list)
    rested_s: list[float] = field(default_factory=list)

    def run(self, url: str | None = None) -> None:
        """Exchange until the turns are used up."""
        with open_device(self.device.options) as opened:
            clock = FixedClock(at(10))
            ctx = replace(opened, clock=clock)

            def rest(seconds: float) -> bool:
                # The exchange that was told last is followed by its turn, once.
                if len(self.rested_s) < len(self.told):
                    if len(self.told) > len(self.turns):
                        return True
                    self.turns[len(self.told) - 1]()
                    self.rested_s.append(0)
                # The clock counts whole milliseconds.
                clock.go_on(seconds=math.ceil(seconds * 1000) / 1000)
                self.rested_s[-1] += seconds
                return False

            remote = remote_of(ctx)
            parts = Watch(lambda: replace(remote, url=url or remote.url), rest, self.told.append)
            watch(ctx, 60, parts)

    @property
    def went_well(self) -> list[bool]:
        """Of each exchange, in turn."""
        return [told.error is None for told in self.told]


def _nothing() -> None:
    """Let the time pass."""


def test_it_exchanges_now_and_again_and_at_once_where_something_is_unsent(
    bank: Bank, ana: Device
) -> None:
    """A minute where nothing is new, two seconds after a record; a cut line is tried again by itself."""

    def record() -> None:
        assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0

    story = Story(ana, [_nothing, record, bank.stop, _nothing, bank.start])
    story.run()
    assert story.went_well == [True, True, True, False, False, True]
    assert story.rested_s[0] == 60
    assert story.rested_s[1] <= SETTLE_S
    assert story.rested_s[2] == 60
    # The roofs of the first two failures; the draw is the device's own.
    assert 1 <= story.rested_s[3] <= 5
    assert 1 <= story.rested_s[4] <= 10
    assert states(ana) == [("hardship.disclose", "accepted")]


def test_a_record_does_not_press_a_failing_line(bank: Bank, ana: Device) -> None:
    """While the line fails, what is recorded waits for the back-off like everything else."""
    bank.stop()

    def record() -> None:
        assert ana.run("disclose", "C-000001", "--need", "time").exit_code != 0

    story = Story(ana, [record, _nothing])
    story.run()
    assert story.went_well == [False, False, False]
    assert all(
        abs(rested - told.wait_s) < 0.01
        for rested, told in zip(story.rested_s, story.told, strict=False)
    )


def test_a_sync_by_hand_that_goes_well_ends_the_back_off(ana: Device) -> None:
    """Where the line is seen to be good again, the watch does not sit out its wait."""

    def busy(to: Stranger) -> None:
        to.problem(503, "503.1", "Busy.", Retry_After="600")

    with standing_in(busy) as url:
        story = Story(ana, [lambda: ana.run("sync")])
        story.run(url)
    assert story.went_well == [False, False]
    assert story.rested_s[0] <= 1


def test_retry_after_is_kept_to(ana: Device) -> None:
    """The server's own wait is honoured, as seconds and as a date beside the answer's own."""

    def busy(to: Stranger) -> None:
        to.problem(503, "503.1", "Busy.", Retry_After="240")

    def until(to: Stranger) -> None:
        to.problem(503, "503.1", "Busy.", Retry_After="Fri, 31 Dec 2199 23:59:59 GMT")

    for behave, least in ((busy, 240), (until, RETRY_AFTER_MAX_S)):
        with standing_in(behave) as url:
            story = Story(ana, [_nothing])
            story.run(url)
        assert least <= story.rested_s[0] <= least + 5


@pytest.mark.parametrize("behave", ["portal", "reset"])
def test_errors_of_the_line_never_end_it(ana: Device, behave: str) -> None:
    """However often a hotel's page answers or the connection breaks, the watch goes on."""
    answers: dict[str, Callable[[Stranger], None]] = {
        "portal": lambda to: to.say(200, "<h1>Sign in</h1>"),
        "reset": lambda to: to.hang_up(b"HTTP/1.1 200 OK\r\n"),
    }
    with standing_in(answers[behave]) as url:
        story = Story(ana, [_nothing] * 7)
        story.run(url)
    assert story.went_well == [False] * 8
    assert all(isinstance(told.error, UnreachableError) for told in story.told)


def test_what_a_person_must_mend_ends_it(bank: Bank, ana: Device) -> None:
    """A revoked device stops with its own error and exit code, and status says why."""

    def revoke() -> None:
        with writing(bank.ctx.engine) as conn:
            conn.execute(tables.devices.update().values(revoked_from_seq=1))

    story = Story(ana, [revoke, _nothing])
    with pytest.raises(UnauthorisedError) as ended:
        story.run()
    assert ended.value.exit_code == 4
    told = ana.run("status", "--json")
    facts = json.loads(told.stdout)
    assert facts["last_failure"]["code"] == ended.value.code
    assert set(facts["last_failure"]["message"]) == {"en", "zh-CN"}
    assert facts["background"] is None
    assert ended.value.code in ana.run("status").stderr


def test_a_failure_is_told_until_an_exchange_goes_well(bank: Bank, ana: Device) -> None:
    """Status tells why the last try failed; the next good one ends the telling."""
    bank.stop()
    assert ana.run("sync").exception is not None
    assert "601.1" in ana.run("status").stderr
    bank.start()
    assert ana.run("sync").exit_code == 0
    assert json.loads(ana.run("status", "--json").stdout)["last_failure"] is None
    assert "601.1" not in ana.run("status").stderr


def test_one_exchange_at_a_time(ana: Device) -> None:
    """A second exchange of one device waits, and says so in words where the first goes on."""
    with open_device(ana.options) as ctx, holding(ana.home / EXCHANGE_LOCK, 0) as ours:
        assert ours
        with pytest.raises(FieldsyncError) as busy:
            attempt(ctx, remote_of(ctx), lambda _done: None, wait_s=0.3)
    assert busy.value.code == "602.41"


def _start(device: Device, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, "--home", str(device.home), "--lang", "en", "sync", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@contextmanager
def _watching(device: Device) -> Iterator[subprocess.Popen[str]]:
    """A real watch that has exchanged once."""
    process = _start(device, "--watch", "--every", "5")
    try:
        assert process.stdout is not None
        assert "begins" in process.stdout.readline()
        assert "Next exchange in 5 s." in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_told(ana: Device, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a real watch with 0, a last line and no traceback."""
    with _watching(ana) as process:
        assert is_held(ana.home / WATCH_LOCK)
        process.send_signal(number)
        out, err = process.communicate(timeout=_TOO_LONG_S)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1].endswith("Background sync has ended.")
    assert not is_held(ana.home / WATCH_LOCK)


def test_it_ends_in_the_middle_of_a_silent_line(ana: Device) -> None:
    """A line that hangs does not keep it from ending at once."""
    asked: list[int] = []

    def silent(to: Stranger) -> None:
        asked.append(1)
        process.send_signal(signal.SIGTERM)
        to.close_connection = to.rfile.read(1) == b""

    with standing_in(silent) as url:
        ana.turn_to(url)
        process = _start(ana, "--watch")
        _out, err = process.communicate(timeout=_TOO_LONG_S)
    assert (process.returncode, err, asked) == (0, "", [1])


def test_a_second_watch_is_refused_and_others_go_on(ana: Device) -> None:
    """One watch per device; every other command works beside it, a sync of one's own included."""
    with _watching(ana) as process:
        second = ana.run("sync", "--watch")
        assert getattr(second.exception, "code", None) == "602.42"
        assert second.stdout == ""
        assert getattr(ana.run("sync", "--background").exception, "code", None) == "602.42"
        assert ana.run("disclose", "C-000001", "--need", "time").exit_code == 0
        assert ana.run("sync", "--json").exit_code == 0
        assert json.loads(ana.run("status", "--json").stdout)["background"]["pid"] == process.pid
        assert states(ana) == [("hardship.disclose", "accepted")]


def test_a_watch_that_was_killed_leaves_nothing_in_the_way(ana: Device) -> None:
    """After kill -9 the lock is free, status says what happened, and a new watch begins."""
    with _watching(ana) as process:
        process.kill()
        process.communicate(timeout=_TOO_LONG_S)
    assert "broke off" in ana.run("status").stderr
    with _watching(ana):
        assert json.loads(ana.run("status", "--json").stdout)["background"]["every_s"] == 5


def test_background_sync_from_start_to_stop(ana: Device) -> None:
    """It outlives the command that started it, sends what is recorded, logs it, and ends when asked."""
    started = _start(ana, "--background", "--every", "5")
    out, err = started.communicate(timeout=_TOO_LONG_S)
    assert started.returncode == 0, err
    number = json.loads(ana.run("status", "--json").stdout)["background"]["pid"]
    try:
        assert f"process {number}" in out
        if hasattr(os, "getsid"):
            assert os.getsid(number) == number
    finally:
        stopped = ana.run("sync", "--stop")
    assert "has ended" in stopped.stdout
    log = (ana.home / watch_log.LOG_NAME).read_text(encoding="utf-8").splitlines()
    assert log[0].endswith("Background sync begins.")
    assert log[-1].endswith("Background sync has ended.")
    with suppress(ProcessLookupError):
        os.kill(number, 0)
    assert "No background sync is running." in ana.run("sync", "--stop").stdout


def test_a_start_that_fails_says_why(ana: Device) -> None:
    """What keeps a background sync from starting is told by the command that started it."""
    (ana.home / "config.toml").write_text("timeout_s = 'soon'\n", encoding="utf-8")
    started = _start(ana, "--background")
    _out, err = started.communicate(timeout=_TOO_LONG_S)
    assert (started.returncode, "600.3" in err) == (2, True)
    assert not is_held(ana.home / WATCH_LOCK)


def test_the_log_keeps_its_size(tmp_path: Path) -> None:
    """Two files of a fixed size, the newest line last."""
    for number in range(2 * watch_log.LIMIT_BYTES // 1000 + 10):
        watch_log.append(tmp_path, f"{number} " + "x" * 990)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {watch_log.LOG_NAME, watch_log.OLDER_NAME}
    assert max(sizes.values()) < watch_log.LIMIT_BYTES + 1000


def test_a_line_tells_no_personal_data_and_reads_well() -> None:
    """Counts, sizes and reasons only."""
    assert line_of(Told(None, None, 60)) == "Nothing new. Next exchange in 60 s."
    assert [size(n) for n in (640, 12345, 4_000_000)] == ["640 B", "12.3 kB", "4.0 MB"]


def test_json_and_a_watch_do_not_go_together(ana: Device) -> None:
    """A usage error, in words."""
    assert ana.run("sync", "--watch", "--json").exit_code == 2
