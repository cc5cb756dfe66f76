"""Sends notices: each is judged, claimed, handed to its channel and recorded; none is given twice.

What was claimed and not recorded (the machine died in between) is handed over again only where the
channel itself knows a letter that it has had; otherwise a person decides (`notices resend`).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from fieldsync.adapters.outbox_errors import NOT_TAKEN, UNKNOWN
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.notice import NoticeState, Refusal
from fieldsync.domain.verdict import Verdict
from fieldsync.errors import NotFoundError, UnreachableError
from fieldsync.ports import Notifier
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import grow_version, load_case
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.notices import StoredNotice, find_notices, notice_locked, save_notice
from server.store.retrying import retried
from server.workflow.judge_notice import judge_notice
from server.workflow.notice_letter import letter_of
from server.workflow.share_cases import share_cases

_PAUSES_S = (0.2, 1.0)
# Longer than any channel is waited for: an older claim belongs to a process that is gone.
_LEASE = timedelta(minutes=10)
_OPEN = frozenset({NoticeState.WRITTEN, NoticeState.REFUSED, NoticeState.SENDING})


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one notice; `error` where its channel failed."""

    stored: StoredNotice
    error: UnreachableError | None = None


def send_notices(
    ctx: ServerContext,
    notifier: Notifier,
    rulesets: Sequence[Ruleset],
    *,
    branch: str | None = None,
    day: date | None = None,
    dry_run: bool = False,
) -> list[Sent]:
    """Send every notice that waits; each is a transaction of its own, so a failure stops no other."""
    with reading(ctx.engine) as conn:
        waiting = find_notices(conn, branch=branch, day=day, states=_OPEN)
        if dry_run:
            now = ctx.clock.now()
            return [Sent(_judged(conn, one, now, rulesets)) for one in waiting]
    return [_send(ctx, one.notice.notice_id, notifier, rulesets) for one in waiting]


def resend(
    ctx: ServerContext, notice_id: str, notifier: Notifier, rulesets: Sequence[Ruleset]
) -> Sent:
    """Send one whose fate is unknown once more, because a person says so."""
    return _send(ctx, notice_id, notifier, rulesets, anyway=True)


def _send(
    ctx: ServerContext,
    notice_id: str,
    notifier: Notifier,
    rulesets: Sequence[Ruleset],
    *,
    anyway: bool = False,
) -> Sent:
    claimed, mine = _claim(ctx, notice_id, notifier, rulesets, anyway=anyway)
    if not mine:
        return Sent(claimed)
    with reading(ctx.engine) as conn:
        case = load_case(conn, claimed.notice.case_id)
    if case is None:
        raise _gone(claimed.notice.case_id)
    letter = letter_of(case, claimed.notice)
    for pause_s in (*_PAUSES_S, None):
        try:
            notifier.give(letter)
            return Sent(_given(ctx, notice_id))
        except UnreachableError as error:
            if error.code == NOT_TAKEN and pause_s is not None:
                time.sleep(pause_s)
                continue
            return Sent(_failed(ctx, notice_id, error), error)
    raise AssertionError("the last try returns")


@retried
def _claim(
    ctx: ServerContext,
    notice_id: str,
    notifier: Notifier,
    rulesets: Sequence[Ruleset],
    *,
    anyway: bool,
) -> tuple[StoredNotice, bool]:
    """Mark the notice as being sent, if it may be; whether it is now ours to send."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = notice_locked(conn, notice_id)
        if not _is_free(stored, notifier, now, anyway=anyway):
            return stored, False
        judged = replace(_judged(conn, stored, now, rulesets), channel=notifier.channel)
        if judged.state is NoticeState.WRITTEN:
            tried = replace(judged.notice, tries=stored.notice.tries + 1, tried_at=now, trouble="")
            judged = replace(judged, notice=tried, state=NoticeState.SENDING)
        save_notice(conn, judged)
    return judged, judged.state is NoticeState.SENDING


def _is_free(stored: StoredNotice, notifier: Notifier, now: datetime, *, anyway: bool) -> bool:
    if stored.state is not NoticeState.SENDING:
        return stored.state in _OPEN
    tried = stored.notice.tried_at
    if stored.notice.trouble == "" and tried is not None and now - tried < _LEASE:
        return False
    return anyway or notifier.repeatable


def _judged(
    conn: Connection, stored: StoredNotice, now: datetime, rulesets: Sequence[Ruleset]
) -> StoredNotice:
    """The notice in the state that the rules leave it in: too late, refused, or free to go."""
    notice = stored.notice
    if notice.window.start < now:
        return replace(stored, state=NoticeState.WITHDRAWN)
    case = load_case(conn, notice.case_id)
    if case is None:
        raise _gone(notice.case_id)
    verdict = judge_notice(case, notice, now, rulesets)
    state = NoticeState.WRITTEN if verdict.allowed else NoticeState.REFUSED
    fresh = replace(notice, refusals=_refusals(verdict))
    return replace(stored, notice=fresh, state=state, packs=verdict.packs)


def _refusals(verdict: Verdict) -> tuple[Refusal, ...]:
    return tuple(Refusal(finding.rule, finding.message) for finding in verdict.refusals)


@retried
def _given(ctx: ServerContext, notice_id: str) -> StoredNotice:
    """Record that the channel took it: in the case too, which tells the devices."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = notice_locked(conn, notice_id)
        given = replace(stored, state=NoticeState.GIVEN, given_at=now)
        case_id = given.notice.case_id
        save_notice(conn, given)
        grow_version(conn, case_id)
        detail = {"case": case_id, "channel": given.channel, "packs": given.packs}
        record(
            conn, at=now, actor="office", action="notice.given", subject=notice_id, detail=detail
        )
        publish(conn, share_cases(conn, [case_id]), now)
    return given


@retried
def _failed(ctx: ServerContext, notice_id: str, error: UnreachableError) -> StoredNotice:
    """Record what went wrong; where nobody knows, the notice stays as one that is being sent."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = notice_locked(conn, notice_id)
        state = NoticeState.SENDING if error.code == UNKNOWN else NoticeState.WRITTEN
        failed = replace(stored, notice=replace(stored.notice, trouble=error.code), state=state)
        save_notice(conn, failed)
        detail = {"code": error.code, "channel": failed.channel}
        record(
            conn, at=now, actor="office", action="notice.failed", subject=notice_id, detail=detail
        )
    return failed


def _gone(case_id: str) -> NotFoundError:
    return NotFoundError("404.86", words("There is no case {case_id} any more.", case_id=case_id))
