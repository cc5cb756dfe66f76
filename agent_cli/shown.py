"""How values look to the officer: times, windows, holds, names of codes, the training mark."""

from collections.abc import Iterable
from datetime import date, datetime

from agent_cli.actions.day import StopState, StopView
from agent_cli.context import DeviceContext
from agent_cli.holds_shown import hold_line
from fieldsync.domain.calendar import Window
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import note, style
from fieldsync.words import words

STOP_STATES = {
    StopState.PLANNED: words("to visit"),
    StopState.ON_HOLD: words("on hold"),
    StopState.RUNNING: words("visit under way"),
    StopState.DONE: words("done"),
}


def clock_time(instant: datetime) -> str:
    """Hour and minute, in the instant's own offset."""
    return instant.strftime("%H:%M")


def span(window: Window) -> str:
    """A window of one day."""
    return f"{clock_time(window.start)}-{clock_time(window.end)}"


def spans(windows: Iterable[Window]) -> str:
    """Several windows."""
    return ", ".join(span(window) for window in windows)


def day_name(day: date) -> str:
    """A day with its weekday, in the officer's language."""
    names = (
        words("Monday"),
        words("Tuesday"),
        words("Wednesday"),
        words("Thursday"),
        words("Friday"),
        words("Saturday"),
        words("Sunday"),
    )
    return f"{day.isoformat()} {render(names[day.weekday()])}"


def stop_state(view: StopView) -> str:
    """Where a stop stands, with the reason or the result."""
    if view.visit is not None and view.visit.outcome is not None:
        line = _("done: {outcome}", outcome=name_of(view.visit.outcome))
        return f"{line}; {hold_line(view.hold)}" if view.hold else line
    if view.state is StopState.ON_HOLD and view.hold is not None:
        return hold_line(view.hold)
    return render(STOP_STATES[view.state])


def mark_training(ctx: DeviceContext) -> None:
    """Say on a practice device that nothing here is real."""
    if ctx.identity.training:
        note(style("TRAINING / 演练", bold=True))
