"""Ctrl-C while a plan is searched."""

import signal

import pytest

from server.commands.ctrl_c import stopped_by_ctrl_c


def test_the_first_ctrl_c_asks_and_the_second_stops(capsys: pytest.CaptureFixture[str]) -> None:
    """The search is told to end with what it has; whoever presses again is obeyed at once."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with stopped_by_ctrl_c() as stop:
            assert not stop()
            signal.raise_signal(signal.SIGINT)
            assert stop()
            assert "best plan so far" in capsys.readouterr().err
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
