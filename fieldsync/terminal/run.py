"""Runs a click program so that a person never meets a traceback: errors become sentences and exits."""

import sys
from collections.abc import Callable, Sequence

import click

from fieldsync.errors import EXIT_FAILED, EXIT_INTERRUPTED, FieldsyncError
from fieldsync.locale import _, normalise, render, set_language
from fieldsync.terminal.database_errors import explain, is_of_sqlite
from fieldsync.terminal.help_page import HelpPage
from fieldsync.terminal.output import note, say_json, use_utf8
from fieldsync.terminal.usage_errors import say_usage_error


def take_language(args: Sequence[str], fallback: str) -> tuple[str, list[str]]:
    """The language `--lang` asks for anywhere among the arguments, and the arguments without it.

    Read before click parses, since a command's help is made when its module is imported.
    """
    language = fallback
    rest: list[str] = []
    remaining = iter(args)
    for argument in remaining:
        if argument == "--":
            return language, [*rest, argument, *remaining]
        if argument != "--lang" and not argument.startswith("--lang="):
            rest.append(argument)
            continue
        value = argument.partition("=")[2] or next(remaining, "")
        language = normalise(value) or fallback
    return language, rest


def as_typed(argument: str) -> str:
    """The argument as it was typed, where an ASCII locale made lone surrogates of its UTF-8 bytes."""
    if argument.isascii() or not any("\udc80" <= c <= "\udcff" for c in argument):
        return argument
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def run(
    build: Callable[[], click.Group], args: Sequence[str], *, language: str, program: str
) -> int:
    """Run the program with these arguments and return its exit code.

    `build` makes the group once the language is known; `language` is the environment's or the
    configured one, which `--lang` outranks.
    """
    use_utf8()
    chosen, args = take_language([as_typed(argument) for argument in args], language)
    set_language(chosen)
    # Every command of both programs, groups included, makes its help page with this.
    click.Context.formatter_class = HelpPage
    as_json = "--json" in args
    try:
        result = build().main(args, prog_name=program, standalone_mode=False)
    except KeyboardInterrupt:
        return _explain(click.Abort(), program, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - a person must never meet a traceback
        return _explain(error, program, as_json=as_json)
    return result if isinstance(result, int) else 0


def _explain(error: Exception, program: str, *, as_json: bool) -> int:
    """Say what happened in words and return the exit code that goes with it."""
    if isinstance(error, click.ClickException):
        say_usage_error(error)
        return error.exit_code
    if isinstance(error, click.Abort):
        note(_("Interrupted; nothing was changed by the step you left."))
        return EXIT_INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader went away (`| head`): nobody is left to tell.
        sys.stderr.close()
        return EXIT_FAILED
    return show_error(_as_ours(error, program), as_json=as_json)


def _as_ours(error: Exception, program: str) -> FieldsyncError:
    """The error itself if it is deliberate, its words if it is the database's, else a crash report."""
    if isinstance(error, FieldsyncError):
        return error
    if isinstance(error, OSError):
        from fieldsync.terminal.system_errors import explain as explain_system

        return explain_system(error)
    # SQLAlchemy keeps what the driver said in `orig`.
    driver_error = getattr(error, "orig", error)
    if isinstance(driver_error, Exception) and is_of_sqlite(driver_error):
        return explain(driver_error)
    from fieldsync.terminal import postgresql_errors

    if postgresql_errors.is_of_postgresql(driver_error):
        return postgresql_errors.explain(driver_error)
    from fieldsync.terminal.crash import missing_part, report_crash

    return missing_part(error) or report_crash(error, program)


def show_error(error: FieldsyncError, *, as_json: bool) -> int:
    """Say what went wrong and what to do, and return the exit code."""
    if as_json:
        say_json(
            {
                "error": {
                    "code": error.code,
                    "message": render(error.message),
                    "hint": render(error.hint) if error.hint else None,
                    **error.details,
                }
            }
        )
    note(_("Error {code}: {message}", code=error.code, message=render(error.message)))
    if error.hint:
        note(render(error.hint))
    return error.exit_code
