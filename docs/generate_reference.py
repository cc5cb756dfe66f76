"""Writes the command-line reference from the programs' own help; `--check` only compares."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fieldsync import locale

FOLDER = Path(__file__).parent / "reference"
PROGRAMS = {"fieldsync": "agent_cli.main", "fieldsync-server": "server.cli"}
_COLUMNS = 80


def commands(context: click.Context) -> Iterator[click.Context]:
    """The command and everything below it, in the order of its help."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from commands(_context(command, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command, info_name=name, parent=parent, terminal_width=_COLUMNS, **command.context_settings
    )


def page(program: str) -> str:
    """The reference page of one program, in English."""
    group = importlib.import_module(PROGRAMS[program]).build_group()
    parts = [
        f"# The command `{program}`\n\nWritten by `make reference` from the program's own help.\n"
    ]
    for context in commands(_context(group, program, None)):
        path = context.command_path
        level = "##" if context.parent else "## Overview:"
        parts.append(f"{level} {path}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write or compare both pages; 1 where a page is out of date."""
    locale.set_language("en")
    stale = 0
    for program in PROGRAMS:
        path = FOLDER / f"cli-{program}.md"
        text = page(program)
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{path.name} is out of date; run `make reference`.\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
