"""Which rescued records go on where a device's log ends on the server, and why the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldsync.sync.chain import Head, Linked


@dataclass(frozen=True, slots=True)
class Continuation:
    """`run` goes on at the head, in order; `forked` hold a place of another record; `beyond` follow a gap."""

    run: tuple[Linked, ...]
    forked: tuple[Linked, ...]
    beyond: tuple[Linked, ...]


def continue_log(head: Head, records: Sequence[Linked]) -> Continuation:
    """Fit authentic records of one device, in any order and none of them in its log, to the log's head.

    Of two records for one place the first that links to the log goes on; the other one is a fork.
    """
    run: list[Linked] = []
    forked: list[Linked] = []
    beyond: list[Linked] = []
    last = head
    for linked in sorted(records, key=lambda linked: linked.operation.seq):
        seq, follows = linked.operation.seq, linked.operation.prev_hash == last.hash
        if seq == last.seq + 1 and follows:
            run.append(linked)
            last = Head(seq, linked.hash)
        elif seq <= last.seq + 1:
            forked.append(linked)
        else:
            beyond.append(linked)
    return Continuation(tuple(run), tuple(forked), tuple(beyond))
