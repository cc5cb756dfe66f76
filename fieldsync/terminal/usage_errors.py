"""Says what is wrong with a command line: click's errors, whole sentences in either language."""

import click

from fieldsync.locale import _
from fieldsync.terminal.output import note


def say_usage_error(error: click.ClickException) -> None:
    """The usage, where help is, and what is wrong; on stderr."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if ctx is not None:
        note(ctx.get_usage())
        note(_("Try '{command} {option}' for help.", command=ctx.command_path, option="--help"))
        note("")
    note(_("Error: {message}", message=_message(error)))


def _message(error: click.ClickException) -> str:
    parameter = error.param if isinstance(error, click.MissingParameter) else None
    if parameter is None or error.message:
        return error.format_message()
    names = parameter.get_error_hint(error.ctx if isinstance(error, click.UsageError) else None)
    if isinstance(parameter, click.Argument):
        return _("The argument {name} is missing.", name=names)
    return _("The option {name} is missing.", name=names)
