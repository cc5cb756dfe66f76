"""How a time and a day look to the officer, and the mark of a practice device."""

from datetime import date, datetime

from agent_cli.context import DeviceContext
from fieldsync.locale import render
from fieldsync.terminal.output import note, style
from fieldsync.words import words


def clock_time(instant: datetime) -> str:
    """Hour and minute, in the instant's own offset."""
    return instant.strftime("%H:%M")


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


def mark_training(ctx: DeviceContext) -> None:
    """Say on a practice device that nothing here is real."""
    if ctx.identity.training:
        note(style("TRAINING / 演练", bold=True))
