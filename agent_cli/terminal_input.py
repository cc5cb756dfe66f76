"""Whether the officer may be asked: only on a terminal, and not after `--no-input`."""

import sys

from agent_cli.config import Options


def may_ask(options: Options) -> bool:
    """Whether a prompt would reach a person."""
    return not options.no_input and sys.stdin.isatty()
