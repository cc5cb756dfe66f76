"""`fieldsync-server enroll-code`: a single-use code that makes a device an officer's."""

from datetime import timedelta

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json
from server.context import open_server
from server.workflow.enrol_device import make_code

_HOURS_MAX = 24 * 7


@click.command(
    cls=ExampleCommand,
    help=_("Make a single-use code that ties one device to an officer; it is shown only once."),
    examples=(
        "fieldsync-server enroll-code --officer SZ1001",
        "fieldsync-server enroll-code --officer SZ1001 --hours 2 --json",
    ),
)
@click.option("--officer", "officer_id", required=True, metavar="ID", help=_("The officer's id."))
@click.option(
    "--hours",
    type=click.IntRange(1, _HOURS_MAX),
    default=24,
    show_default=True,
    metavar="N",
    help=_("How long the code is good for."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, officer_id: str, hours: int, as_json: bool) -> None:
    """Make and show the code."""
    code, expires_at = make_code(open_server(home), officer_id, timedelta(hours=hours))
    if as_json:
        say_json({"code": code, "officer_id": officer_id, "expires_at": expires_at.isoformat()})
        return
    say(code)
    note(
        _(
            "For {officer_id}, once, until {until}. On the device: `fieldsync enroll URL`.",
            officer_id=officer_id,
            until=f"{expires_at:%Y-%m-%d %H:%M}",
        )
    )
