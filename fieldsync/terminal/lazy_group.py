"""A click group whose commands are imported when they are called, so that help and `today` stay fast.

The table holds each command's module and one-line help; help text is translated as it is shown.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from fieldsync import __version__
from fieldsync.locale import _, render
from fieldsync.words import Words

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """Where a command lives (`module` has an attribute `command`) and what it does, in a line."""

    module: str
    help: Words


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the day, with the commands that belong to it."""

    title: Words
    commands: tuple[str, ...]


class LazyGroup(click.Group):
    """Resolves names through a table of `CommandEntry`, shown in sections."""

    def __init__(
        self,
        *,
        table: Mapping[str, CommandEntry],
        sections: Sequence[Section],
        examples: Sequence[str],
        **settings: object,
    ) -> None:
        settings.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(**settings)  # type: ignore[arg-type]  # click's own settings pass through
        self._table = table
        self._sections = sections
        self._examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the sections."""
        _unused = ctx
        return [name for section in self._sections for name in section.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None."""
        _unused = ctx
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        command = importlib.import_module(entry.module).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.command is not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name suggested for an unknown one."""
        if args and not args[0].startswith("-") and args[0] not in self._table:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self._table, n=1)
            message = _("There is no command {name}.", name=repr(args[0]))
            if near:
                message += " " + _("Did you mean {name}?", name=near[0])
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections, each command with its line."""
        _unused = ctx
        for section in self._sections:
            with formatter.section(render(section.title)):
                formatter.write_dl([(n, render(self._table[n].help)) for n in section.commands])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        _unused = ctx
        write_examples(formatter, self._examples)


def shared_options(function: F) -> F:
    """The options that both programs have, last in their help; `run` reads `--lang` before click."""
    function = click.version_option(__version__, "--version")(function)
    help_text = _("Language of what is shown.")
    return click.option("--lang", metavar="zh|en", expose_value=False, help=help_text)(function)


class ExampleCommand(click.Command):
    """A command whose help ends with examples: `cls=ExampleCommand, examples=[...]`."""

    def __init__(self, *args: object, examples: Sequence[str] = (), **settings: object) -> None:
        super().__init__(*args, **settings)  # type: ignore[arg-type]  # click's own settings pass through
        self._examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        _unused = ctx
        write_examples(formatter, self._examples)


class ExampleGroup(click.Group):
    """A group that shows the whole line of each of its commands, and examples below them."""

    def __init__(self, *args: object, examples: Sequence[str] = (), **settings: object) -> None:
        super().__init__(*args, **settings)  # type: ignore[arg-type]  # click's own settings pass through
        self._examples = examples

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with all of its help; click would cut it at the edge."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, command.help or "") for name, command in found if command])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples."""
        _unused = ctx
        write_examples(formatter, self._examples)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """Examples as lines that can be pasted; never re-wrapped."""
    if examples:
        with formatter.section(_("Examples")):
            for line in examples:
                formatter.write(f"  {line}\n")
