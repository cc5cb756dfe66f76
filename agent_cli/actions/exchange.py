"""One exchange with the server: the log up, the feed down, files after it, agreement proved at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent_cli.actions.apply_pull import Applied, apply_pull
from agent_cli.actions.certificate import renew_certificate
from agent_cli.actions.give_back import give_back, give_back_after
from agent_cli.actions.mark_exchange import mark_exchange
from agent_cli.actions.outgoing import (
    RECEIPT,
    RECEIPT_SIG,
    last_seq,
    next_batch,
    page_portions,
    request_of,
    sending,
)
from agent_cli.actions.repair import repair
from agent_cli.actions.set_apart import NO_LOG_TAKES, set_apart
from agent_cli.actions.talk import Talk
from agent_cli.actions.trust import check_seal_key, trusted_key, verified_receipt
from agent_cli.actions.upload import upload_files
from agent_cli.answers import not_ours
from agent_cli.context import DeviceContext
from agent_cli.remote import Remote
from agent_cli.store import journal, meta, staging
from agent_cli.store.clock_readings import note_server_time
from agent_cli.store.database import writing
from agent_cli.store.journal import Outgoing
from agent_cli.store.staging import Place
from fieldsync.errors import ConflictError, FieldsyncError
from fieldsync.sync.messages import SyncResponse
from fieldsync.words import words

_SCOPE_GONE = 410
_CURSOR_UNKNOWN = "400.41"


@dataclass(frozen=True, slots=True)
class Progress:
    """What an exchange has moved so far; `refreshed` tells that a full copy was taken.

    `repaired` counts rows that came again since both sides differed; `lost` counts files the server
    still lacks and this device no longer holds whole.
    """

    sent: int = 0
    received: int = 0
    uploaded: int = 0
    refreshed: bool = False
    lost: int = 0
    repaired: int = 0


@dataclass(slots=True)
class _Course:
    """What this exchange has done already: no remedy is tried twice, no record is pushed for ever."""

    done: Progress
    pushed_to: int = 0
    first: bool = True
    tried: set[str] = field(default_factory=set)

    def may_try(self, remedy: str) -> bool:
        """Whether this is the first time; the next request is then like a first one again."""
        if remedy in self.tried:
            return False
        self.tried.add(remedy)
        self.pushed_to, self.first = 0, True
        return True


def exchange(ctx: DeviceContext, remote: Remote, report: Callable[[Progress], None]) -> Progress:
    """Everything up and everything down. Whatever breaks off leaves the last whole state in force."""
    talk = Talk(ctx, remote)
    try:
        done = _exchange_log(talk, Progress(), report)
    except FieldsyncError as error:
        if error.code not in NO_LOG_TAKES:
            raise
        raise set_apart(talk, error) from error
    files = upload_files(ctx, remote)
    done = replace(done, uploaded=files.sent, lost=files.lost)
    if files.sent:
        done = _exchange_log(talk, done, report)
    mark_exchange(ctx)
    renew_certificate(ctx, remote)
    return done


def _exchange_log(talk: Talk, done: Progress, report: Callable[[Progress], None]) -> Progress:
    ctx, course = talk.ctx, _Course(done)
    while True:
        place = staging.place(ctx.conn)
        confirmed = journal.last_confirmed(ctx.conn)
        batch = next_batch(ctx.conn, course.pushed_to)
        try:
            pages = page_portions(ctx.conn)
            with sending(ctx.conn, batch), pages.sending(pages.size):
                answer = talk.sync(request_of(ctx, place.cursor, batch, first=course.first))
        except FieldsyncError as error:
            if not _recover(ctx, course, error, confirmed):
                raise
            continue
        if not answer.complete and answer.cursor == place.cursor and not batch:
            raise not_ours(talk.remote.url)
        _take(ctx, answer, batch, confirmed)
        reached = _stage(ctx, answer, place)
        _count(course, answer, batch)
        report(course.done)
        if reached is None or not answer.complete or next_batch(ctx.conn, course.pushed_to, 1):
            continue
        applied = apply_pull(ctx, reached, answer.digest)
        if applied is Applied.AGREED:
            return course.done
        if applied is Applied.DIFFERED:
            _mend(talk, course)


def _count(course: _Course, answer: SyncResponse, batch: tuple[Outgoing, ...]) -> None:
    course.first = False
    course.pushed_to = max(course.pushed_to, last_seq(batch))
    done = course.done
    course.done = replace(
        done, sent=done.sent + len(batch), received=done.received + len(answer.changes)
    )


def _take(
    ctx: DeviceContext,
    answer: SyncResponse,
    batch: tuple[Outgoing, ...],
    confirmed: int,
) -> None:
    """Believe the receipt if it is the server's and of our own log; `confirmed` is how far the last ones went."""
    receipt = verified_receipt(ctx, answer)
    seqs = [outgoing.seq for outgoing in batch]
    if seqs and receipt.head_seq < seqs[-1]:
        raise _not_taken(receipt.head_seq)
    with writing(ctx.conn) as conn:
        journal.mark_stored(conn, seqs)
        for result in answer.results:
            journal.mark_outcome(conn, result.op_id, result.outcome)
        meta.write(conn, {RECEIPT: answer.receipt.body, RECEIPT_SIG: answer.receipt.sig})
        note_server_time(conn, answer.server_time, ctx.clock)
    if confirmed > receipt.head_seq:
        give_back(ctx, receipt.head_seq)


def _stage(ctx: DeviceContext, answer: SyncResponse, begun: Place) -> Place | None:
    """Keep the page aside and note how far it reaches; None where another process has read on meanwhile."""
    server_key = trusted_key(ctx)
    for row in answer.changes:
        check_seal_key(server_key, row)
    reached = Place(answer.cursor, begun.whole)
    with writing(ctx.conn) as conn:
        if staging.place(conn) != begun:
            return None
        staging.stage(conn, answer.changes)
        staging.move_to(conn, reached)
    return reached


def _recover(ctx: DeviceContext, course: _Course, error: FieldsyncError, confirmed: int) -> bool:
    """Whether the exchange may go on: the scope is new, or the server lost some of our log."""
    if error.http_status == _SCOPE_GONE or error.code == _CURSOR_UNKNOWN:
        return _copy_whole(ctx, course)
    return give_back_after(ctx, error, confirmed) and course.may_try("give back")


def _mend(talk: Talk, course: _Course) -> None:
    """Both sides differ after a complete pull: some buckets again, then everything, then 409.63."""
    if course.may_try("repair"):
        rows = repair(talk)
        if rows is not None:
            course.done = replace(course.done, repaired=course.done.repaired + rows)
            return
    if not _copy_whole(talk.ctx, course):
        with writing(talk.ctx.conn) as conn:
            staging.forget(conn)
        raise _differ()


def _copy_whole(ctx: DeviceContext, course: _Course) -> bool:
    if not course.may_try("whole copy"):
        return False
    with writing(ctx.conn) as conn:
        staging.start_over(conn)
    course.done = replace(course.done, refreshed=True)
    return True


def _not_taken(head_seq: int) -> ConflictError:
    return ConflictError(
        "409.67",
        words("The server answered without having stored the records that were sent."),
        words("They stay on this device. Sync again; if it stays so, tell the office."),
        head_seq=head_seq,
    )


def _differ() -> ConflictError:
    return ConflictError(
        "409.63",
        words("After a full exchange this device and the server still hold different rows."),
        words("Your records are safe. Run `fieldsync doctor` and tell the office."),
    )
