"""A device whose log cannot go on, and what it hands over to quarantine."""

import json

from werkzeug.test import TestResponse

from fieldsync.sync.operation import SignedOperation
from server.context import ServerContext
from server.workflow.revoke_device import revoke
from tests.server.case_files import disclosure, visit_start
from tests.server.field_device import FieldDevice


def hand_over(device: FieldDevice, *operations: SignedOperation) -> TestResponse:
    """Ask the server to keep exactly these records apart."""
    return device.post(
        "/api/v1/quarantine",
        {
            "device_id": device.device_id,
            "operations": [{"body": o.body, "sig": o.sig} for o in operations],
        },
    )


def forked(device: FieldDevice) -> SignedOperation:
    """One note is stored; a copy of the device wrote a disclosure at the same place."""
    before = device.head
    device.record("visit.note", "C-1", {"visit_id": "V-1", "text": "nobody at home"})
    device.sync()
    device.head = before
    told = disclosure(device.new_id(), "C-1", device.clock.now())
    device.record("hardship.disclose", "C-1", told)
    return device.journal[-1]


def shut_out_with_a_visit(server: ServerContext, device: FieldDevice) -> SignedOperation:
    """The device is revoked while it holds the start of a visit that nobody has yet."""
    device.sync()
    revoke(server, device.device_id, reason="tablet lost", by="office:ben")
    device.record("visit.start", "C-1", visit_start("V-1", "E1001", "E1002"))
    return device.journal[-1]


def id_of(signed: SignedOperation) -> str:
    """The operation's id."""
    return str(json.loads(signed.body)["op_id"])
