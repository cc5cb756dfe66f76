"""Fetches again only the buckets of rows in which device and server differ, and stages them whole (G4)."""

from agent_cli.actions.talk import Talk
from agent_cli.actions.trust import check_seal_key, trusted_key
from agent_cli.answers import not_ours
from agent_cli.store import staging
from agent_cli.store.database import writing
from fieldsync.sync.digest import BUCKETS, bucket_digests, bucket_of
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import RepairRequest, RepairResponse


def repair(talk: Talk) -> int | None:
    """How many rows came again, staged behind the pull; None where the server knows no repair.

    The rows are newer than the pull's last page, so pull once more before anything is compared.
    """
    conn, device_id = talk.ctx.conn, talk.ctx.identity.device_id
    mended: set[int] = set()
    count = 0
    while True:
        begun = staging.place(conn)
        shown = staging.would_show(conn)
        answer = talk.repair(RepairRequest(device_id, bucket_digests(shown.items())))
        if answer is None:
            return None
        _check(talk, answer)
        with writing(conn):
            if staging.place(conn) != begun:
                return count
            staging.stage(conn, [*_gone(shown, answer), *answer.rows])
        count += len(answer.rows)
        if answer.complete or mended >= set(answer.buckets):
            return count
        mended |= set(answer.buckets)


def _gone(shown: dict[str, int], answer: RepairResponse) -> list[FeedRow]:
    """What this device shows in the differing buckets and the server no longer has."""
    buckets, come = set(answer.buckets), {row.key for row in answer.rows}
    return [
        FeedRow(key, FeedOp.REMOVE, version)
        for key, version in shown.items()
        if key not in come and bucket_of(key) in buckets
    ]


def _check(talk: Talk, answer: RepairResponse) -> None:
    """UnreachableError 601.4 for rows of other buckets; ConflictError 409.68 for a key nobody signed."""
    buckets = set(answer.buckets)
    fits = all(row.op is FeedOp.PUT and bucket_of(row.key) in buckets for row in answer.rows)
    if not fits or not buckets <= set(range(BUCKETS)):
        raise not_ours(talk.remote.url)
    server_key = trusted_key(talk.ctx)
    for row in answer.rows:
        check_seal_key(server_key, row)
