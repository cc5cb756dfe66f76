"""Reads operations from their exact bytes: a sound envelope, its hash, and the device's own signature."""

from collections.abc import Sequence

import msgspec

from fieldsync.errors import InputError, ProtocolMismatchError
from fieldsync.sync.chain import Linked, envelope_fault, to_verify
from fieldsync.sync.operation import (
    ENVELOPE_VERSION,
    Operation,
    SignedOperation,
    chain_hash,
    decode_body,
    signing_input,
)
from fieldsync.words import words
from server.security.operation_signatures import first_wrong
from server.store.devices import Device

_UPDATE = words("Update Fieldsync on this device.")


def read_operation(device: Device, signed: SignedOperation) -> Linked:
    """The envelope behind exact bytes, its signature verified under the device's operation key.

    InputError 400.43 (`field` names what no honest device writes so) or 400.44 (signature);
    ProtocolMismatchError 426.1 for a record of another version.
    """
    return read_each(device, [signed])[0]


def read_each(device: Device, pushed: Sequence[SignedOperation]) -> tuple[Linked, ...]:
    """The same of many: every envelope first, then every signature; no store is asked."""
    batch = tuple(_linked(device, signed) for signed in pushed)
    _verify(device, batch)
    return batch


def read_log(device: Device, pushed: Sequence[SignedOperation]) -> tuple[Linked, ...]:
    """The same of a piece of the device's log, where a signature also proves what it links to."""
    batch = tuple(_linked(device, signed) for signed in pushed)
    _verify(device, to_verify(batch))
    return batch


def _verify(device: Device, batch: Sequence[Linked]) -> None:
    wrong = first_wrong(
        device.operation_key, [(linked.sig, signing_input(linked.hash)) for linked in batch]
    )
    if wrong is not None:
        seq = batch[wrong].operation.seq
        raise InputError(
            "400.44",
            words("The signature of operation {seq} does not verify.", seq=seq),
            words("Nothing was stored. Run `fieldsync doctor` on the device."),
            seq=seq,
        )


def _linked(device: Device, signed: SignedOperation) -> Linked:
    operation = _envelope(device, signed)
    if operation.v != ENVELOPE_VERSION:
        raise ProtocolMismatchError(
            "426.1",
            words(
                "The device writes records of version {theirs}, the server reads version {ours}.",
                theirs=operation.v,
                ours=ENVELOPE_VERSION,
            ),
            words("Update the older of the two."),
        )
    return Linked(operation, signed.body, signed.sig, chain_hash(operation.prev_hash, signed.body))


def _envelope(device: Device, signed: SignedOperation) -> Operation:
    try:
        operation = decode_body(signed.body)
        fault = envelope_fault(operation, device.device_id)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError):
        fault, operation = "body", None
    if operation is None or fault is not None:
        raise InputError(
            "400.43",
            words("An operation's envelope is wrong: {field}.", field=fault),
            _UPDATE,
            field=fault,
        )
    return operation
