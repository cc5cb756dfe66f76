"""What becomes of a stored operation: pure judgement over what the server knows when it is asked.

Nothing is dropped here: every answer but `accepted` carries a reason that a person can read, and
only `rejected` is final without a person. A hardship disclosure waits for nothing, and is never
rejected where its case is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldsync.domain.agreement import Agreement, DebtStatement, Standing
from fieldsync.domain.case import AgreementState, Case, HoldKind, Loan
from fieldsync.domain.money import Money
from fieldsync.domain.verdict import Finding
from fieldsync.sync.kinds import URGENT, OperationKind
from fieldsync.sync.outcome import OutcomeKind
from fieldsync.words import Words, words

FUTURE_LIMIT = timedelta(hours=24)
# Kinds that tell nothing about one case.
CASELESS = frozenset({OperationKind.ITINERARY_REPLAN, OperationKind.CHECK_IN_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the server knows of one operation and of the world it arrives in.

    `payload_fault` names wrong fields; `waiting_for` are operations it depends on that are not yet
    decided, `refused_before` those that were rejected; `missing_files` are hashes; `breaches` are the
    rules that it broke at its own time; `doubts` are sums that do not add up, `seal_doubts` why its
    document cannot be relied on, `beyond` what of an
    agreement the officers' mandate does not cover, `promise_doubt` is why
    a promise to pay cannot be meant as written. `crew` are the officers it names at the door, `sender` is the device's own, `colleagues` are all of that officer's branch; `unproved` are those of
    the crew whose check-in is not proved, `key_of` is whose check-in key it brings.
    """

    kind: OperationKind | None
    occurred_at: datetime
    received_at: datetime
    payload_fault: str | None = None
    case: Case | None = None
    bank_version: int = 0
    in_scope: bool = False
    waiting_for: tuple[str, ...] = ()
    refused_before: tuple[str, ...] = ()
    missing_files: tuple[str, ...] = ()
    breaches: tuple[Finding, ...] = ()
    crew: tuple[str, ...] = ()
    sender: str = ""
    colleagues: frozenset[str] = frozenset()
    unproved: tuple[str, ...] = ()
    key_of: str = ""
    agreement: Agreement | None = None
    doubts: tuple[Words, ...] = ()
    seal_doubts: tuple[Words, ...] = ()
    beyond: tuple[Words, ...] = ()
    promise_doubt: Words | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome with a reason still to be put into both languages; rules bring their own sentences."""

    kind: OutcomeKind
    code: str | None = None
    message: tuple[Words | Mapping[str, str], ...] = ()


ACCEPTED = Judgement(OutcomeKind.ACCEPTED)


def decide(arrival: Arrival) -> Judgement:
    """The first thing that stands in the way, from what can never be mended to what a person decides."""
    for ask in _QUESTIONS:
        judgement = ask(arrival)
        if judgement is not None:
            return judgement
    return ACCEPTED


def _rejected(code: str, message: Words) -> Judgement:
    return Judgement(OutcomeKind.REJECTED, code, (message,))


def _review(code: str, *message: Words | Mapping[str, str]) -> Judgement:
    return Judgement(OutcomeKind.IN_REVIEW, code, message)


def _is_readable(arrival: Arrival) -> Judgement | None:
    if arrival.kind is None:
        return _rejected(
            "unknown_kind", words("The server does not know this kind of record; it is kept.")
        )
    if arrival.payload_fault:
        told = words(
            "The record is kept, but these parts of it are wrong: {fields}.",
            fields=arrival.payload_fault,
        )
        if arrival.kind in URGENT and arrival.case is not None:
            return _review("malformed", told)
        return _rejected("malformed", told)
    return None


def _has_case(arrival: Arrival) -> Judgement | None:
    if arrival.case is None and arrival.kind not in CASELESS:
        return _rejected("unknown_case", words("The server does not know the case of this record."))
    return None


def _has_all(arrival: Arrival) -> Judgement | None:
    if arrival.kind in URGENT:
        return None
    if arrival.waiting_for:
        return Judgement(
            OutcomeKind.HELD,
            "waiting_for_operation",
            (words("It waits for another record that it depends on."),),
        )
    if arrival.missing_files:
        return Judgement(
            OutcomeKind.HELD, "waiting_for_file", (words("It waits for its attached files."),)
        )
    return None


def _is_theirs(arrival: Arrival) -> Judgement | None:
    if arrival.kind not in CASELESS and not arrival.in_scope:
        return _review("out_of_scope", words("The case was not assigned to this officer then."))
    if arrival.occurred_at - arrival.received_at > FUTURE_LIMIT:
        return _review("future_time", words("The record's time lies in the future."))
    if arrival.refused_before and arrival.kind not in URGENT:
        return _review("depends_on_rejected", words("A record that it depends on was rejected."))
    return None


def _is_own_key(arrival: Arrival) -> Judgement | None:
    if not arrival.key_of or arrival.key_of == arrival.sender:
        return None
    return _review("not_own_key", words("Officers publish a check-in key only for themselves."))


def _was_there(arrival: Arrival) -> Judgement | None:
    """Nobody records a visit for others, and nobody from outside the branch goes along."""
    if not arrival.crew:
        return None
    if arrival.sender not in arrival.crew:
        return _review(
            "officer_not_there", words("The officer of this device is not among those at the door.")
        )
    strangers = sorted(set(arrival.crew) - arrival.colleagues)
    if strangers:
        return _review(
            "unknown_officer",
            words("The branch does not know these officers: {names}.", names=", ".join(strangers)),
        )
    return None


def _keeps_rules(arrival: Arrival) -> Judgement | None:
    broken = arrival.breaches
    if not broken:
        return None
    told: list[Words | Mapping[str, str]] = [finding.message for finding in broken]
    if arrival.unproved:
        names = ", ".join(arrival.unproved)
        told.append(words("It is not proved that these officers were there: {names}.", names=names))
    return _review(f"rule.{broken[0].rule}", *told)


def _agrees(arrival: Arrival) -> Judgement | None:
    if arrival.agreement is None or arrival.case is None:
        return None
    if has_changed(arrival.agreement, arrival.case, arrival.bank_version):
        return _review(
            "case_changed",
            words("The case changed after the debt was stated: compare both versions."),
        )
    if arrival.seal_doubts:
        return _review("seal_broken", *arrival.seal_doubts)
    if arrival.doubts:
        return _review("sums_differ", *arrival.doubts)
    return _may_bind(arrival.agreement, arrival.beyond)


def _may_bind(agreement: Agreement, beyond: tuple[Words, ...]) -> Judgement | None:
    """What was proposed waits for an approval, and so does what was signed without the authority."""
    if agreement.standing is Standing.PROPOSED:
        proposed = words("It was proposed to the borrower and binds nobody until it is approved.")
        return _review("needs_approval", proposed, *beyond)
    if beyond:
        return _review("beyond_mandate", *beyond)
    return None


def _can_be_meant(arrival: Arrival) -> Judgement | None:
    if arrival.promise_doubt is None:
        return None
    return _review("doubtful_promise", arrival.promise_doubt)


def has_changed(agreement: Agreement, case: Case, bank_version: int) -> bool:
    """Whether the debt that was signed is no longer the debt the bank has, or another plan came first.

    Our own changes in between (the hold of the disclosure made minutes before) do not count: only
    other amounts, a payment since the statement, or another agreement.
    """
    debt, loan = agreement.quote.debt, case.loan
    if any(signed != stated for signed, stated in zip(_parts(debt), _parts(loan), strict=True)):
        return True
    if case.agreement_state in _STANDING and not _renegotiates(agreement, case):
        return True
    told_later = bank_version > debt.case_version
    return told_later and any(payment.on >= debt.as_of for payment in case.payments)


# Another plan counts; over one that came to its end a new one may be made.
_STANDING = frozenset({AgreementState.PROPOSED, AgreementState.PERFORMING, AgreementState.SETTLED})


def _renegotiates(agreement: Agreement, case: Case) -> bool:
    """Whether it replaces the very plan that stands on the case, by the hold which that one brought."""
    standing = {hold.source for hold in case.holds if hold.kind is HoldKind.AGREEMENT}
    return agreement.replaces is not None and agreement.replaces in standing


def _parts(debt: DebtStatement | Loan) -> tuple[Money, ...]:
    nothing = Money(0, debt.currency)
    others = (debt.default_interest or nothing, debt.costs or nothing)
    return debt.principal, debt.interest, debt.fees, *others


_QUESTIONS: tuple[Callable[[Arrival], Judgement | None], ...] = (
    _is_readable,
    _has_case,
    _has_all,
    _is_theirs,
    _is_own_key,
    _was_there,
    _keeps_rules,
    _agrees,
    _can_be_meant,
)
