"""Where the server's log of this device is shorter or another one: given back, or told as parted."""

from agent_cli.actions.trust import parted
from agent_cli.context import DeviceContext
from agent_cli.store import journal
from agent_cli.store.database import writing
from fieldsync.errors import ConflictError, FieldsyncError
from fieldsync.words import words

_FORK = "409.42"


def give_back_after(ctx: DeviceContext, error: FieldsyncError, confirmed: int) -> bool:
    """Whether the server's refusal means that it lost records up to `confirmed`, which now go up again.

    ConflictError 409.65 in place of the server's own where its log and ours part.
    """
    head_seq, head_hash = error.details.get("head_seq"), error.details.get("head_hash")
    if not isinstance(error, ConflictError) or not isinstance(head_seq, int):
        return False
    ours = not head_seq or journal.hash_at(ctx.conn, head_seq) == head_hash
    if error.code == _FORK or not ours:
        at_seq = error.details.get("at_seq")
        raise parted(ctx, at_seq if isinstance(at_seq, int) else head_seq) from error
    if confirmed <= head_seq:
        return False
    give_back(ctx, head_seq)
    return True


def give_back(ctx: DeviceContext, head_seq: int) -> None:
    """The server was restored from an older copy: send again what it lost.

    ConflictError 409.66 where some of it has left this device with its case.
    """
    if not journal.is_whole_after(ctx.conn, head_seq):
        raise ConflictError(
            "409.66",
            words(
                "The server has lost records after number {seq}, and this device no longer holds all"
                " of them.",
                seq=head_seq,
            ),
            words("Your newer records stay here. The office must restore a newer backup."),
            head_seq=head_seq,
        )
    with writing(ctx.conn) as conn:
        journal.mark_unsent_after(conn, head_seq)
