"""`fieldsync config`: each setting, where it came from, and how to change it."""

import click

from agent_cli.config import (
    HOME_VARIABLE,
    Options,
    Setting,
    checked,
    home_of,
    settings,
    write_setting,
)
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table


@click.group(help=_("Show settings with their origin, or change one."), invoke_without_command=True)
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
    rows = [(setting.name, setting.value or "-", setting.origin) for setting in found]
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


def _facts(setting: Setting) -> dict[str, str]:
    return {"name": setting.name, "value": setting.value, "origin": setting.origin}
