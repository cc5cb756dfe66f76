"""Whether the officer may be asked, and how a wrong answer is told before the question comes again."""

import sys

from agent_cli.config import Options
from fieldsync.errors import FieldsyncError
from fieldsync.locale import render


def may_ask(options: Options) -> bool:
    """Whether a prompt would reach a person: only on a terminal, and not after `--no-input`."""
    return not options.no_input and sys.stdin.isatty()


def said(error: FieldsyncError) -> str:
    """An error with its hint in a line, for a question that is asked again."""
    hint = f" {render(error.hint)}" if error.hint else ""
    return render(error.message) + hint
