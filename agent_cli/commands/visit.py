"""`fieldsync visit`: a visit from check-in to exit."""

import click

from agent_cli.visit_parts.begin import start
from agent_cli.visit_parts.ending import finish
from agent_cli.visit_parts.evidence import attach
from agent_cli.visit_parts.listing import list_visits
from agent_cli.visit_parts.remark import add_note
from agent_cli.visit_parts.steps import enter, identity, papers
from agent_cli.visit_parts.stops import leave, unsafe
from agent_cli.visit_parts.watching import watch
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleGroup


@click.group(
    cls=ExampleGroup,
    help=_("Start, note and finish a visit; works with no network."),
    examples=(
        "fieldsync visit start NS-0001 --with SZ1002",
        "fieldsync visit identity NS-0001",
        "fieldsync visit leave NS-0001 --because asked_to_leave",
        "fieldsync visit finish NS-0001 --outcome MET_DEBTOR",
    ),
)
def command() -> None:
    """The steps of a visit."""


for part in (
    start,
    identity,
    enter,
    papers,
    add_note,
    attach,
    watch,
    leave,
    unsafe,
    finish,
    list_visits,
):
    command.add_command(part)
