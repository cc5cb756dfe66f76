"""`fieldsync-server revoke`: shut out a device that was lost or is in the wrong hands."""

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from server.commands.signed_by import decided
from server.context import open_server
from server.workflow.revoke_device import revoke


@click.command(
    cls=ExampleCommand,
    help=_(
        "Revoke a device: it gets and brings nothing any more. What it sent before stays as it is."
    ),
    examples=(
        'fieldsync-server revoke DEVICE --reason "tablet lost on 24 November"',
        'fieldsync-server revoke DEVICE --reason "officer left" --by Li',
    ),
)
@click.argument("device_id", metavar="DEVICE")
@decided(_("Why; it is kept in the audit log."))
@click.pass_obj
def command(home: str | None, *, device_id: str, reason: str, by: str) -> None:
    """Revoke it."""
    device = revoke(open_server(home), device_id, reason=reason, by=by)
    say(
        _(
            "Device {device_id} of {officer} is revoked after {count} records.",
            device_id=device.device_id,
            officer=device.officer.name,
            count=device.head.seq,
        )
    )
    note(
        _(
            "Next: `fieldsync-server enroll-code --officer {officer_id}` for a new device.",
            officer_id=device.officer.officer_id,
        )
    )
