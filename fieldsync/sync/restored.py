"""Whether a receipt that the server signed tells of more than its store remembers: a backup was put back."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from fieldsync.sync.messages import Receipt


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store knows of a device: the head of its log, and when it last gave it a receipt."""

    head_seq: int
    last_seen_at: datetime | None


def knows_less(receipt: Receipt, remembered: Remembered) -> bool:
    """Whether the store forgot records or an exchange that the receipt tells of.

    The exchange matters as well: rows were told in it whose versions the store will count again,
    with other content. Every receipt's time is stored with it and never goes back, so that no wrong
    clock looks like a restore.
    """
    last = remembered.last_seen_at
    return receipt.head_seq > remembered.head_seq or last is None or receipt.time > last


def was_restored(receipt: Receipt, remembered: Remembered, past_epochs: Container[str]) -> bool:
    """Whether this receipt is news: one of an epoch that was ended for this very reason is none.

    An epoch that the store never heard of is one that it lost.
    """
    return receipt.epoch not in past_epochs and knows_less(receipt, remembered)
