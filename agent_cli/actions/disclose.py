"""Records a hardship and stops collection on the case, in one transaction: the need before the diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from agent_cli.actions.hardship_key import copy_sealed, hardship_key
from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.store import cases, visits
from agent_cli.store.database import writing
from fieldsync.adapters.hardship_seal import seal_part
from fieldsync.conduct.hardship import hold_for, review_day
from fieldsync.conduct.sensitive import parted
from fieldsync.domain.case import Hold
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import SENSITIVE, ConsentWithdrawal, Disclosure
from fieldsync.errors import InputError, RefusedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import AttachmentRef
from fieldsync.words import words

# Only the borrower can consent to what is kept about them (PIPL art. 29).
_MAY_CONSENT = "debtor"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was kept in the clear, and the hold in force from now on.

    `is_sealed`: something went to the hardship team alone. `lacks_key`: it would have, but no key to
    seal to has come yet, so that only the need was kept.
    """

    disclosure: Disclosure
    hold: Hold
    is_sealed: bool
    lacks_key: bool


def disclose(ctx: DeviceContext, said: Disclosure, copies: Sequence[Path] = ()) -> Recorded:
    """Keep what was said, the sensitive part sealed to the hardship team; `copies` are files of papers.

    InputError 600.16 without any need, 422.522 to 422.524 for consent that is not the borrower's, a
    day that is past, and copies without consent; RefusedError 451.62 (CN-SENSITIVE) for a sensitive
    category without consent: nothing is kept of it, and the officer is told how to go on.
    """
    _check(said, copies)
    case = cases.load_case(ctx.conn, said.case_id)
    running = visits.running(ctx.conn, case.case_id)
    said = replace(
        said,
        visit_id=said.visit_id or (running.visit_id if running else None),
        review_on=said.review_on or review_day(said.at.date(), said.expected_until),
    )
    recorded, files = _sealed(ctx, said, copies)
    before = visits.last_operation(ctx.conn, running.visit_id) if running else None
    with writing(ctx.conn) as conn:
        operation = record_operation(
            ctx,
            conn,
            OperationKind.HARDSHIP_DISCLOSE,
            case.case_id,
            to_builtins(recorded.disclosure),
            depends_on=() if before is None else (before,),
            attachments=files,
        )
        cases.add_hold(conn, case.case_id, recorded.hold, operation.op_id)
    return recorded


def withdraw_consent(ctx: DeviceContext, case_id: str, disclosure_id: str | None = None) -> None:
    """Record that the borrower takes the consent back: the office deletes what was sealed, the need stays.

    NotFoundError 404.61 where the case is not on this device.
    """
    case = cases.load_case(ctx.conn, case_id)
    withdrawal = ConsentWithdrawal(case.case_id, ctx.clock.now(), disclosure_id)
    with writing(ctx.conn) as conn:
        record_operation(
            ctx, conn, OperationKind.HARDSHIP_WITHDRAW, case.case_id, to_builtins(withdrawal)
        )


def _sealed(
    ctx: DeviceContext, said: Disclosure, copies: Sequence[Path]
) -> tuple[Recorded, tuple[AttachmentRef, ...]]:
    """What is recorded of it, the files it names kept already."""
    hold = hold_for(said, ctx.new_id())
    key = hardship_key(ctx)
    if key is None or said.consent is None:
        kept, part = parted(said)
        lacks_key = part is not None or bool(copies)
        return Recorded(kept, hold, is_sealed=False, lacks_key=lacks_key), ()
    papers, files = copy_sealed(ctx, key, copies)
    kept, part = parted(said, papers)
    if part is None:
        return Recorded(kept, hold, is_sealed=False, lacks_key=False), ()
    kept = replace(
        kept,
        evidence_copied=tuple(paper.sha256 for paper in papers),
        sealed=seal_part(key, part),
    )
    return Recorded(kept, hold, is_sealed=True, lacks_key=False), files


def _check(said: Disclosure, copies: Sequence[Path]) -> None:
    if not said.needs:
        raise InputError(
            "600.16",
            words("What the person needs is missing."),
            words("Add --need, for example --need time."),
        )
    if said.consent is not None and said.told_by != _MAY_CONSENT:
        raise InputError(
            "422.522",
            words("Only the borrower can agree that a private matter is kept."),
            words("Leave out --consent: the need alone is recorded, and collection stops."),
        )
    if said.category in SENSITIVE and said.consent is None:
        raise RefusedError(
            "451.62",
            words("Health and other private facts are kept only with consent (PIPL art. 29)."),
            words("Ask, then add --consent; or record the need alone, without --category."),
        )
    if copies and said.consent is None:
        raise InputError(
            "422.524",
            words("A paper is copied only with the borrower's consent."),
            words("Ask, then add --consent; or look at the paper and leave out --copied."),
        )
    for day in (said.expected_until, said.review_on):
        _check_ahead(day, said.at.date())


def _check_ahead(day: date | None, today: date) -> None:
    if day is not None and day < today:
        raise InputError(
            "422.523",
            words("{day} is past.", day=day.isoformat()),
            words("Name a day from today on, or leave it out."),
        )
