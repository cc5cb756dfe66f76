"""Signs an instalment plan on the device: document, signature and record in one step."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from agent_cli.actions.agreement_template import own_template
from agent_cli.actions.mandate import mandate_for
from agent_cli.actions.quote import Offer
from agent_cli.actions.record import record_operation
from agent_cli.actions.seal import Bound, seal_document
from agent_cli.actions.visit_records import require
from agent_cli.actions.visit_steps import require_time
from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries, visits
from agent_cli.store.database import writing
from agent_cli.store.roster import known_officers, lender
from fieldsync.adapters.typst_document import render_agreement
from fieldsync.agreements.document import document_data
from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.signature import media_type_of
from fieldsync.agreements.summary import summary
from fieldsync.agreements.verification import RANDOM_BYTES, code_of
from fieldsync.conduct.visit_states import VisitEvent
from fieldsync.domain.agreement import Agreement, Signature, Standing
from fieldsync.domain.case import AgreementState, Case, HoldKind
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.officer import Officer
from fieldsync.domain.visit import Visit
from fieldsync.errors import ConflictError, RefusedError
from fieldsync.locale import normalise, render
from fieldsync.locale.agreement_names import PLAN_KINDS
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import AttachmentRef
from fieldsync.words import words

PDF = "application/pdf"
JSON = "application/json"
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Table:
    """Where an agreement is signed: the visit (or None at an appointment), and the two witnesses.

    `replaces` is the agreement that this one is a new version of; `reminders` is whether the borrower
    asked to be reminded of due days.
    """

    visit: Visit | None
    witnesses: tuple[Officer, ...]
    replaces: str | None = None
    reminders: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """What signing left: the agreement, its record's id and the document's bytes."""

    agreement: Agreement
    op_id: str
    document: bytes


def language_of_borrower(case: Case) -> str:
    """The language the borrower reads the agreement in: theirs where we have it, else English."""
    return normalise(case.borrower.language) or "en"


def sit_down(
    ctx: DeviceContext, case: Case, visit_id: str | None, *, replaces: bool = False
) -> Table:
    """Find the visit or appointment the agreement is signed at, and the two who witness it.

    RefusedError 451.41 outside both; ConflictError 409.48 where a plan is being kept already,
    unless it is replaced (then 409.652 where there is none), 409.49 where `visit_id` names another visit than the one under way. A hardship or
    dispute hold does not stand in the way: the borrower may want exactly this. ConflictError 600.27
    and RefusedError 451.63 where the visit was broken off or must end.
    """
    if case.agreement_state is AgreementState.PERFORMING and not replaces:
        raise ConflictError(
            "409.48",
            words("An agreement for case {case_id} is signed already.", case_id=case.case_id),
            words("Nothing was recorded. With --replace a new version takes its place."),
        )
    if replaces and plan_in_force(case) is None:
        raise ConflictError(
            "409.652",
            words("There is no agreement for case {case_id} to replace.", case_id=case.case_id),
            words("Leave --replace out."),
        )
    visit = visits.running(ctx.conn, case.case_id)
    if visit_id is not None and (visit is None or visit.visit_id != visit_id):
        raise ConflictError(
            "409.49",
            words("Visit {visit_id} is not under way at this case.", visit_id=visit_id),
            words("Leave --visit out, or start the visit first."),
        )
    if visit is not None:
        require(visit, VisitEvent.SIGN)
        require_time(ctx, case, visit)
    found = _officers(ctx, case, visit)
    if len(found) != _PAIR:
        raise RefusedError(
            "451.41",
            words(
                "An agreement is signed only during a visit or at an appointment, by two officers."
            ),
            words("Start the visit with `fieldsync visit start {case_id}`.", case_id=case.case_id),
            findings=[{"rule": "HOUSE-SIGN-PRESENT", "citation": "house policy"}],
        )
    return Table(visit, found, plan_in_force(case) if replaces else None)


def plan_in_force(case: Case) -> str | None:
    """The id of the agreement whose stop on collection stands; None where there is none."""
    brought = [hold.source for hold in case.holds if hold.kind is HoldKind.AGREEMENT]
    return brought[-1] if brought else None


def sign(
    ctx: DeviceContext,
    case: Case,
    agreed: Offer,
    table: Table,
    drawing: bytes,
    *,
    strokes: bytes | None = None,
) -> Signed:
    """Render the document with the drawn signature and record the agreement, or change nothing.

    In one transaction: the operation with both files, the local agreement (performing at once) and
    the hold that stops collection (CN-PLAN-STOP). What lies beyond the mandate is proposed only, and
    its document says so. `strokes` is the pen's course as JSON, kept beside the drawing. InputError 422.47 or 422.48 where the signature
    or a name cannot be put on paper.
    """
    now = ctx.clock.now()
    media_type = media_type_of(drawing)
    agreement_id = ctx.new_id()
    facts = document_facts(ctx, case, agreed, table, agreement_id, now)
    paper = render_agreement(
        document_data(facts, render), drawing, media_type, now, own_template(ctx)
    )
    bound = Bound(
        agreement_id=agreement_id,
        language=facts.language,
        drawing_sha256=sha256(drawing).hexdigest(),
        strokes_sha256=sha256(strokes).hexdigest() if strokes is not None else "",
        signed_at=now,
    )
    sealed = seal_document(ctx, paper, bound)
    document = sealed.document
    kept = [(document, PDF), (drawing, media_type)]
    kept += [(strokes, JSON)] if strokes is not None else []
    files = tuple(AttachmentRef(ctx.blobs.put(c), len(c), kind) for c, kind in kept)
    agreement = Agreement(
        agreement_id=agreement_id,
        case_id=case.case_id,
        visit_id=table.visit.visit_id if table.visit else None,
        quote=agreed.quote,
        witnesses=table.witnesses,
        signature=Signature(files[1].sha256, media_type, now),
        document_sha256=files[0].sha256,
        language=facts.language,
        version=facts.version,
        replaces=facts.replaces,
        standing=facts.standing,
        mandate=facts.mandate,
        rules=facts.rules,
        strokes_sha256=bound.strokes_sha256,
        verification_code=facts.verification_code,
        certificate=sealed.certificate,
        reminders=facts.reminders,
    )
    return Signed(agreement, _record(ctx, agreement, files), document)


def summary_of(ctx: DeviceContext, case: Case, agreed: Offer, table: Table) -> tuple[str, ...]:
    """The plain words on top of the document, in the borrower's language, to be read out."""
    facts = document_facts(ctx, case, agreed, table, "", ctx.clock.now())
    return tuple(render(sentence, facts.language) for sentence in summary(facts))


def _record(ctx: DeviceContext, agreement: Agreement, files: tuple[AttachmentRef, ...]) -> str:
    with writing(ctx.conn) as conn:
        before = agreement.visit_id and visits.last_operation(conn, agreement.visit_id)
        operation = record_operation(
            ctx,
            conn,
            OperationKind.AGREEMENT_SIGN,
            agreement.case_id,
            to_builtins(agreement),
            depends_on=(before,) if before else (),
            attachments=files,
        )
        cases.add_agreement(conn, agreement, operation.op_id)
        hold = agreement.hold(ctx.new_id())
        cases.add_hold(conn, agreement.case_id, hold, operation.op_id)
    return operation.op_id


def document_facts(
    ctx: DeviceContext, case: Case, agreed: Offer, table: Table, agreement_id: str, now: datetime
) -> DocumentFacts:
    """What the document states, from the case and the people present."""
    place = case.address(table.visit.address_id) if table.visit else None
    if place is None and case.appointment is not None:
        place = case.address(case.appointment.address_id)
    home = case.addresses[0] if case.addresses else None
    hardship = [hold for hold in case.holds if hold.kind is HoldKind.HARDSHIP]
    mandate = mandate_for(ctx, case)
    code = code_of(ctx.randomness.token(RANDOM_BYTES))
    return DocumentFacts(
        agreement_id=agreement_id,
        quote=agreed.quote,
        kind_name=PLAN_KINDS[agreed.quote.terms.kind],
        standing=Standing.PROPOSED if agreed.beyond else Standing.SIGNED,
        mandate=mandate.name,
        version=_version(ctx, case, table),
        replaces=table.replaces,
        reminders=table.reminders,
        verification_code=code,
        verification_url=f"{ctx.identity.server_url}/v/{code}",
        rules=mandate.rules,
        lender=lender(ctx.conn),
        branch=case.branch,
        debtor_name=case.borrower.name,
        debtor_id_number=case.borrower.id_number,
        address=home.text if home else "",
        account_ref=case.loan.account_ref,
        product=case.loan.product,
        place=place.text if place else "",
        signed_at=now,
        witnesses=table.witnesses,
        language=language_of_borrower(case),
        hardship_ref=(hardship[0].source or hardship[0].hold_id) if hardship else "",
    )


def _version(ctx: DeviceContext, case: Case, table: Table) -> int:
    """One more than the version it replaces, the second where another device made that."""
    if table.replaces is None:
        return 1
    own = {a.agreement_id: a.version for a, _state in cases.agreements_of(ctx.conn, case.case_id)}
    return own.get(table.replaces, 1) + 1


def _officers(ctx: DeviceContext, case: Case, visit: Visit | None) -> tuple[Officer, ...]:
    """The two of the visit by name, or the day's pair while the appointment's window is open."""
    now = ctx.clock.now()
    if visit is not None:
        known = known_officers(ctx.conn)
        return tuple(known.get(who, Officer(who, who, case.branch)) for who in visit.officers)
    if case.appointment is not None and case.appointment.window.contains(now):
        day = itineraries.of_day(ctx.conn, now.date())
        return day.officers if day else ()
    return ()
