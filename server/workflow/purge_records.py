"""Deletes old collection records that no law keeps, and says what it kept and why.

Each record is judged by the rules (`record.purge`); a case with an open matter stays whole. One case
is one transaction, and a dry run decides by the very same function.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from fieldsync.conduct.case_facts import facts_of, place_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import AgreementState, Case
from fieldsync.domain.verdict import Effect, Finding, Strength
from fieldsync.errors import InputError
from fieldsync.locale import both
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import load_case
from server.store.engine import reading, writing
from server.store.purging import (
    KeptRecord,
    case_ids,
    count_records,
    files_without_record,
    forget_file,
    imported_at,
    open_matters,
    purge_case,
    purge_records,
    records_of,
)
from server.store.retrying import retried

# Kept where no pack speaks for the place: nobody said how long the law there keeps it.
NO_PACK = "-"
_OPEN_AGREEMENTS = frozenset({AgreementState.PROPOSED, AgreementState.PERFORMING})


@dataclass(frozen=True, slots=True)
class CasePurge:
    """What is done with one case: why it stays whole, what goes, and which rules keep how much."""

    case_id: str
    open_matters: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: dict[str, int]
    file_deleted: bool


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge did, or would do; `citations` are those of the rules that kept something."""

    cases: tuple[CasePurge, ...]
    citations: dict[str, str]
    files_deleted: int


def purge(ctx: ServerContext, before: date, *, dry_run: bool = False) -> Purge:
    """Purge records made before that day (UTC); InputError 422.539 for a day that is not past."""
    now = ctx.clock.now()
    limit = datetime.combine(before, time(), UTC)
    if limit > now:
        raise InputError(
            "422.539",
            words("{day} is not past.", day=before.isoformat()),
            words("Name a day before which records may go."),
        )
    cited: dict[str, str] = {}
    done: list[CasePurge] = []
    last = ""
    while True:
        with reading(ctx.engine) as conn:
            ids = case_ids(conn, last)
        if not ids:
            break
        for case_id in ids:
            found = _one_case(ctx, case_id, limit, cited, dry_run=dry_run)
            if found is not None:
                done.append(found)
        last = ids[-1]
    files = 0 if dry_run else _drop_files(ctx, limit)
    return Purge(tuple(done), cited, files)


@retried
def _one_case(
    ctx: ServerContext, case_id: str, limit: datetime, cited: dict[str, str], *, dry_run: bool
) -> CasePurge | None:
    now = ctx.clock.now()
    with reading(ctx.engine) if dry_run else writing(ctx.engine) as conn:
        found = _decide(conn, case_id, limit, now, ctx.rulesets, cited)
        if found is None or dry_run or not (found.deleted or found.file_deleted):
            return found
        purge_records(conn, found.deleted)
        if found.file_deleted:
            purge_case(conn, case_id)
        detail = {
            "records": len(found.deleted),
            "kept": found.kept,
            "file_deleted": found.file_deleted,
            "before": limit.date().isoformat(),
        }
        record(conn, at=now, actor="office", action="purge", subject=case_id, detail=detail)
    return found


def _decide(
    conn: Connection,
    case_id: str,
    limit: datetime,
    now: datetime,
    rulesets: Sequence[Ruleset],
    cited: dict[str, str],
) -> CasePurge | None:
    """What may go of a case; None where it has nothing from before the day."""
    case = load_case(conn, case_id)
    if case is None:
        return None
    old = records_of(conn, case_id, limit)
    last_activity = max([imported_at(conn, case_id), *(c.at for c in case.contacts)])
    file_is_old = last_activity < limit
    if not old and not file_is_old:
        return None
    matters = open_matters(conn, case_id, now)
    if case.agreement_state in _OPEN_AGREEMENTS:
        matters.append("agreement")
    if matters:
        return CasePurge(case_id, tuple(matters), (), {}, file_deleted=False)
    kept: Counter[str] = Counter()
    deleted: list[str] = []
    for one in old:
        _judge(case, one, now, rulesets, cited, deleted, kept)
    whole = file_is_old and count_records(conn, case_id) == len(deleted)
    if whole:
        why = _keeps(case, last_activity, now, rulesets)
        whole = why is None
        if why is not None:
            cited[why.rule] = why.citation
            kept[why.rule] += 1
    return CasePurge(case_id, (), tuple(deleted), dict(sorted(kept.items())), file_deleted=whole)


def _judge(
    case: Case,
    one: KeptRecord,
    now: datetime,
    rulesets: Sequence[Ruleset],
    cited: dict[str, str],
    deleted: list[str],
    kept: Counter[str],
) -> None:
    why = _keeps(case, one.at, now, rulesets)
    if why is None:
        deleted.append(one.op_id)
    else:
        kept[why.rule] += 1
        cited[why.rule] = why.citation


def _keeps(
    case: Case, made_at: datetime, now: datetime, rulesets: Sequence[Ruleset]
) -> Finding | None:
    """The first rule that keeps a record made then; where no pack speaks for the place, `NO_PACK`."""
    address = case.addresses[0] if case.addresses else None
    place = place_of(address)
    facts = facts_of(case, address, now, action=Action.RECORD_PURGE, record_at=made_at)
    refusals = evaluate(facts, rulesets).refusals
    if refusals:
        return refusals[0]
    if not any(pack.covers(place) and not pack.is_house for pack in rulesets):
        told = both(words("No rule pack speaks for this place."))
        return Finding(NO_PACK, Effect.BLOCK, Strength.HOUSE, "", told)
    return None


def _drop_files(ctx: ServerContext, limit: datetime) -> int:
    """Delete files that no record names any more; one that was cut short is found again next time."""
    with reading(ctx.engine) as conn:
        names = files_without_record(conn, limit)
    for name in names:
        ctx.blobs.drop(name)
        _forget(ctx, name)
    return len(names)


@retried
def _forget(ctx: ServerContext, name: str) -> None:
    with writing(ctx.engine) as conn:
        forget_file(conn, name)
