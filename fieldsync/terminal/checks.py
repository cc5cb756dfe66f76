"""Shows what a `doctor` found, the same way in both programs."""

from collections.abc import Sequence

from fieldsync.domain.check import Check, Level
from fieldsync.errors import EXIT_DONE, EXIT_FAILED
from fieldsync.locale import render
from fieldsync.terminal.output import say, say_json, style
from fieldsync.words import words

_LEVELS = {
    Level.OK: (words("ok"), "green"),
    Level.WARN: (words("warn"), "yellow"),
    Level.FAIL: (words("fail"), "red"),
}


def say_checks(checks: Sequence[Check], *, as_json: bool) -> int:
    """Each check on a line, its advice below unless it went well; exit code 1 where one failed."""
    failed = any(check.level is Level.FAIL for check in checks)
    if as_json:
        say_json({"ok": not failed, "checks": [_facts(check) for check in checks]})
    else:
        for check in checks:
            _say(check)
    return EXIT_FAILED if failed else EXIT_DONE


def _say(check: Check) -> None:
    name, colour = _LEVELS[check.level]
    say(f"{style(f'{render(name):<5}', fg=colour)} {render(check.found)}")
    if check.advice is not None and check.level is not Level.OK:
        say(f"      {render(check.advice)}")


def _facts(check: Check) -> dict[str, str | None]:
    return {
        "check": check.name,
        "level": check.level.value,
        "found": render(check.found),
        "advice": render(check.advice) if check.advice else None,
    }
