"""Reads one operation from its exact bytes: a sound envelope, its hash, and the device's own signature."""

import msgspec
from cryptography.exceptions import InvalidSignature

from fieldsync.domain import base64url
from fieldsync.errors import InputError, ProtocolMismatchError
from fieldsync.sync.chain import Linked, envelope_fault
from fieldsync.sync.operation import (
    ENVELOPE_VERSION,
    Operation,
    SignedOperation,
    chain_hash,
    decode_body,
    signing_input,
)
from fieldsync.words import words
from server.security.text_keys import public_key
from server.store.devices import Device

_UPDATE = words("Update Fieldsync on this device.")


def read_operation(device: Device, signed: SignedOperation) -> Linked:
    """The envelope behind exact bytes, its signature verified under the device's operation key.

    InputError 400.43 (`field` names what no honest device writes so) or 400.44 (signature);
    ProtocolMismatchError 426.1 for a record of another version.
    """
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
    own_hash = chain_hash(operation.prev_hash, signed.body)
    _verify(device, operation, own_hash, signed.sig)
    return Linked(operation, signed.body, signed.sig, own_hash)


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


def _verify(device: Device, operation: Operation, own_hash: str, sig: str) -> None:
    try:
        public_key(device.operation_key).verify(base64url.decode(sig), signing_input(own_hash))
    except InvalidSignature as error:
        raise InputError(
            "400.44",
            words("The signature of operation {seq} does not verify.", seq=operation.seq),
            words("Nothing was stored. Run `fieldsync doctor` on the device."),
            seq=operation.seq,
        ) from error
