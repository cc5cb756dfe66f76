"""An exchange in words: how far it is, what it moved, and one line of it for a watch."""

import sys

from agent_cli.actions.exchange import Progress
from agent_cli.actions.watch import Told
from fieldsync.errors import FieldsyncError
from fieldsync.locale import _, render
from fieldsync.terminal.output import note, write_over

_KILO = 1000


class Meter:
    """How far an exchange is, in bytes and records, rewritten in place; silent without a terminal."""

    def __init__(self) -> None:
        self.up = 0
        self.down = 0
        self.done = Progress()
        self._is_seen = sys.stderr.isatty()

    def bytes_moved(self, up: int, down: int) -> None:
        """So many bytes more."""
        self.up += up
        self.down += down
        self._draw()

    def records_moved(self, done: Progress) -> None:
        """So far so many records."""
        self.done = done
        self._draw()

    def wait(self, seconds: float) -> None:
        """Say why nothing moves while a busy server is given time."""
        self.clear()
        note(_("The server is busy; trying again in {seconds} s.", seconds=round(seconds)))

    def clear(self) -> None:
        """Leave the line to what is said next."""
        if self._is_seen:
            write_over("")

    def _draw(self) -> None:
        if self._is_seen:
            write_over(
                _(
                    "{sent} records up, {received} changes down; {up} sent, {down} received",
                    sent=self.done.sent,
                    received=self.done.received,
                    up=size(self.up),
                    down=size(self.down),
                )
            )


def size(count: int) -> str:
    """Bytes as a person reads them: 640 B, 12.3 kB, 4.0 MB."""
    if count < _KILO:
        return f"{count} B"
    if count < _KILO * _KILO:
        return f"{count / _KILO:.1f} kB"
    return f"{count / _KILO / _KILO:.1f} MB"


def moved(done: Progress) -> str:
    """What an exchange moved, as a sentence."""
    return _(
        "Synced: {sent} records up, {received} changes down, {files} files sent.",
        sent=done.sent,
        received=done.received,
        files=done.uploaded,
    )


def moved_before(done: Progress) -> str:
    """What had arrived when the line broke; empty where that was nothing."""
    if not (done.sent or done.received):
        return ""
    return _(
        "{sent} records went up and {received} changes came down before the line broke; the next"
        " sync goes on from there.",
        sent=done.sent,
        received=done.received,
    )


def line_of(told: Told) -> str:
    """One exchange of a watch and what follows, on one line without personal data."""
    seconds = round(told.wait_s)
    if told.error is not None:
        return f"{failed(told.error)} {_('Next try in {seconds} s.', seconds=seconds)}"
    following = _("Next exchange in {seconds} s.", seconds=seconds)
    done = told.done or Progress()
    if not (done.sent or done.received or done.uploaded):
        return f"{_('Nothing new.')} {following}"
    return f"{moved(done)} {following}"


def failed(error: FieldsyncError) -> str:
    """Why an exchange broke off, with the number to look it up by."""
    return _("{message} ({code})", message=render(error.message), code=error.code)
