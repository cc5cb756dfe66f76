"""`fieldsync config`: each setting, where it came from, and how to change it."""

import click

from agent_cli.config import (
    DEFAULT,
    HOME_VARIABLE,
    Options,
    Setting,
    checked,
    home_of,
    settings,
    write_setting,
)
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json, table


@click.group(
    cls=ExampleGroup,
    help=_("Show settings with their origin, or change one."),
    examples=("fieldsync config", "fieldsync config set language zh"),
    invoke_without_command=True,
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Show every setting unless a subcommand follows."""
    if ctx.invoked_subcommand is not None:
        return
    options: Options = ctx.obj
    home = home_of(options.home)
    found = list(settings(home).values())
    if as_json:
        say_json({"home": str(home), "settings": [_facts(setting) for setting in found]})
        return
    say(_("Folder: {home} ({variable} or --home)", home=str(home), variable=HOME_VARIABLE))
    rows = [(setting.name, setting.value or "-", _origin(setting)) for setting in found]
    say(table(rows, (_("Setting"), _("Value"), _("From"))))


@command.command(
    "get",
    cls=ExampleCommand,
    help=_("Print one setting's value."),
    examples=("fieldsync config get language",),
)
@click.argument("name")
@click.pass_obj
def get(options: Options, name: str) -> None:
    """Print a value."""
    found = settings(home_of(options.home))
    if name not in found:
        checked(name, "")
    say(found[name].value)


@command.command(
    "set",
    cls=ExampleCommand,
    # A value may begin with a dash, such as -1: it is no option, and told to be wrong as a value.
    context_settings={"ignore_unknown_options": True},
    help=_("Keep a setting in this device's folder."),
    examples=("fieldsync config set language zh", "fieldsync config set partner SZ1002"),
)
@click.argument("name")
@click.argument("value")
@click.pass_obj
def set_value(options: Options, name: str, value: str) -> None:
    """Change a setting."""
    write_setting(home_of(options.home), name, value)
    note(_("{name} is set.", name=name))


def _origin(setting: Setting) -> str:
    return _("default") if setting.origin == DEFAULT else setting.origin


def _facts(setting: Setting) -> dict[str, str]:
    return {"name": setting.name, "value": setting.value, "origin": setting.origin}
