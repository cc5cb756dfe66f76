"""Records a hardship and stops collection on the case, in one transaction: the need before the diagnosis."""

from dataclasses import replace

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.store import cases, visits
from agent_cli.store.database import writing
from fieldsync.conduct.hardship import hold_for, minimise
from fieldsync.domain.case import Hold
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import SENSITIVE, Disclosure
from fieldsync.errors import InputError, RefusedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import words

# The text read to the person before anything sensitive is kept; a changed text gets a new version.
CONSENT_TEXT_VERSION = "2026-11"
CONSENT_TEXT = words(
    "May we keep what you told us about your health or another private matter, only so that the"
    " hardship team can help you? You may say no, and you may withdraw this later; either way"
    " collection stops today."
)
CONSENT_PURPOSE = words("hardship support")


def disclose(ctx: DeviceContext, said: Disclosure) -> tuple[Disclosure, Hold]:
    """What was kept, and the hold in force from now on.

    InputError 600.16 without any need; RefusedError 451.62 (CN-SENSITIVE) for a sensitive category
    without consent: nothing is kept of it, and the officer is told how to go on.
    """
    if not said.needs:
        raise InputError(
            "600.16",
            words("What the person needs is missing."),
            words("Add --need, for example --need time."),
        )
    if said.category in SENSITIVE and said.consent is None:
        raise RefusedError(
            "451.62",
            words("Health and other private facts are kept only with consent (PIPL art. 29)."),
            words("Ask, then add --consent; or record the need alone, without --category."),
        )
    case = cases.load_case(ctx.conn, said.case_id)
    running = visits.running(ctx.conn, case.case_id)
    disclosure = minimise(
        replace(said, visit_id=said.visit_id or (running.visit_id if running else None))
    )
    before = visits.last_operation(ctx.conn, running.visit_id) if running else None
    hold = hold_for(disclosure, ctx.new_id())
    with writing(ctx.conn) as conn:
        operation = record_operation(
            ctx,
            conn,
            OperationKind.HARDSHIP_DISCLOSE,
            case.case_id,
            to_builtins(disclosure),
            depends_on=() if before is None else (before,),
        )
        cases.add_hold(conn, case.case_id, hold, operation.op_id)
    return disclosure, hold
