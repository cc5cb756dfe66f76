"""The journal: numbered, linked, signed, and kept together with the local view or not at all."""

import base64

import pytest

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.keys import OPERATION_KEY, load_key
from agent_cli.store import journal
from agent_cli.store.database import writing
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import SignedOperation, chain_hash, genesis_hash, signing_input


def test_records_form_a_signed_chain(ctx: DeviceContext) -> None:
    """Each record is numbered, linked to the one before and signed by the device's key."""
    for text in ("one", "two"):
        with writing(ctx.conn):
            record_operation(ctx, ctx.conn, OperationKind.VISIT_NOTE, "C-000001", {"text": text})
    key = load_key(ctx.keys, OPERATION_KEY).public_key()
    last = genesis_hash(ctx.identity.device_id)
    for number, entry in enumerate(journal.entries(ctx.conn), start=1):
        assert entry.operation is not None
        assert (entry.operation.seq, entry.operation.prev_hash) == (number, last)
        last = chain_hash(last, entry.body)
        assert entry.hash == last
    for outgoing in journal.unanswered(ctx.conn, limit=10):
        sent = outgoing.pushed
        assert isinstance(sent, SignedOperation)
        body_hash = chain_hash(genesis_hash(ctx.identity.device_id), sent.body)
        key.verify(base64.urlsafe_b64decode(sent.sig + "=="), signing_input(body_hash))
        break


def test_a_record_is_not_kept_when_its_transaction_fails(ctx: DeviceContext) -> None:
    """What follows in the transaction may fail; then the number is free again."""

    def record_and_fail() -> None:
        with writing(ctx.conn):
            record_operation(ctx, ctx.conn, OperationKind.VISIT_NOTE, "C-000001", {})
            raise RuntimeError("after")

    with pytest.raises(RuntimeError, match="after"):
        record_and_fail()
    assert journal.head(ctx.conn, ctx.identity.device_id).seq == 0
