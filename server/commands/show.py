"""`fieldsync-server show`: one case, plan, itinerary, device or operation."""

from collections.abc import Callable

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from server.commands.show_case import show_case
from server.commands.show_device import show_device
from server.commands.show_operation import say_operation
from server.commands.show_plan import show_itinerary, show_plan
from server.context import ServerContext, open_server
from server.workflow.review_operations import get_operation


@click.group(
    cls=ExampleGroup,
    help=_("Show a case, plan, itinerary, device or operation."),
    examples=("fieldsync-server show case NS-0001",),
)
def command() -> None:
    """The subcommands follow."""


def _show_operation(ctx: ServerContext, op_id: str, *, as_json: bool) -> None:
    say_operation(ctx, get_operation(ctx, op_id), as_json=as_json)


def _add(name: str, text: str, example: str, show: Callable[..., None]) -> None:
    """Add one kind of thing that can be shown by its id."""

    @command.command(
        name, cls=ExampleCommand, help=text, examples=(f"fieldsync-server show {name} {example}",)
    )
    @click.argument("thing_id", metavar="ID")
    @click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
    @click.pass_obj
    def shown(home: str | None, *, thing_id: str, as_json: bool) -> None:
        show(open_server(home), thing_id, as_json=as_json)


_add(
    "case",
    _("Show a case file: what is owed, who holds it, what stops it."),
    "NS-0001",
    show_case,
)
_add("plan", _("Show a branch's plan for a day."), "PLAN", show_plan)
_add("itinerary", _("Show a pair's day."), "ITINERARY", show_itinerary)
_add("device", _("Show a device and its log."), "DEVICE", show_device)
_add("operation", _("Show one record that the field sent."), "OPERATION", _show_operation)
