"""Which schema stands behind each kind of operation, and what is wrong with a payload, if anything."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

import msgspec
from marshmallow import Schema, ValidationError
from msgspec import Meta, Struct

from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.complaint import Complaint
from fieldsync.domain.correction import Correction
from fieldsync.domain.disclosure import ConsentWithdrawal, Disclosure
from fieldsync.schemas.agreement import AgreementPayloadSchema
from fieldsync.schemas.check_in import CheckInKeySchema
from fieldsync.schemas.complaint import ComplaintPayloadSchema
from fieldsync.schemas.correction import CorrectionPayloadSchema
from fieldsync.schemas.disclosure import DisclosurePayloadSchema, WithdrawalPayloadSchema
from fieldsync.schemas.evidence import VisitEvidencePayloadSchema
from fieldsync.schemas.fields import NAME_MAX, TEXT_MAX
from fieldsync.schemas.replan import ReplanPayloadSchema
from fieldsync.schemas.visit import (
    VisitFinishPayloadSchema,
    VisitNotePayloadSchema,
    VisitRefusedPayloadSchema,
    VisitStartPayloadSchema,
    VisitStepPayloadSchema,
    VisitStopPayloadSchema,
)
from fieldsync.sync.kinds import OperationKind

SCHEMAS: Mapping[OperationKind, type[Schema]] = {
    OperationKind.VISIT_START: VisitStartPayloadSchema,
    OperationKind.VISIT_STEP: VisitStepPayloadSchema,
    OperationKind.VISIT_STOP: VisitStopPayloadSchema,
    OperationKind.VISIT_EVIDENCE: VisitEvidencePayloadSchema,
    OperationKind.CHECK_IN_KEY: CheckInKeySchema,
    OperationKind.VISIT_NOTE: VisitNotePayloadSchema,
    OperationKind.VISIT_FINISH: VisitFinishPayloadSchema,
    OperationKind.VISIT_REFUSED: VisitRefusedPayloadSchema,
    OperationKind.HARDSHIP_DISCLOSE: DisclosurePayloadSchema,
    OperationKind.HARDSHIP_WITHDRAW: WithdrawalPayloadSchema,
    OperationKind.AGREEMENT_SIGN: AgreementPayloadSchema,
    OperationKind.ITINERARY_REPLAN: ReplanPayloadSchema,
    OperationKind.COMPLAINT_RECORD: ComplaintPayloadSchema,
    OperationKind.CORRECTION_PROPOSE: CorrectionPayloadSchema,
}
# Kinds whose payload is a whole domain value, which must also fit its type.
_VALUES: Mapping[OperationKind, type[object]] = {
    OperationKind.HARDSHIP_DISCLOSE: Disclosure,
    OperationKind.HARDSHIP_WITHDRAW: ConsentWithdrawal,
    OperationKind.AGREEMENT_SIGN: Agreement,
    OperationKind.COMPLAINT_RECORD: Complaint,
    OperationKind.CORRECTION_PROPOSE: Correction,
}


def kind_of(text: str) -> OperationKind | None:
    """The kind, or None for one this version does not know."""
    try:
        return OperationKind(text)
    except ValueError:
        return None


class _Note(Struct, forbid_unknown_fields=True):
    """A remark that is plainly sound; of any other the schema says what is wrong with it."""

    visit_id: Annotated[str, Meta(pattern=rf"^[A-Za-z0-9._-]{{1,{NAME_MAX}}}\Z")]
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]


@cache
def _schema(kind: OperationKind) -> Schema:
    """One instance a kind: building a schema takes ten times as long as asking it."""
    return SCHEMAS[kind]()


def payload_fault(kind: OperationKind, payload: Mapping[str, Any]) -> str | None:
    """Which fields are wrong, as `field.field, field`; None where the payload is sound.

    Names of fields only: what a person said never enters a reason.
    """
    if kind is OperationKind.VISIT_NOTE and _is_plain_note(payload):
        return None
    try:
        _schema(kind).load(payload)
        if kind in _VALUES:
            from_builtins(payload, _VALUES[kind])
    except ValidationError as error:
        # marshmallow leaves this one method untyped
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        return ", ".join(sorted(_paths(messages)))
    except msgspec.ValidationError as error:
        return str(error).rpartition("`")[0].rpartition("`")[2] or "$"
    return None


def _is_plain_note(payload: Mapping[str, Any]) -> bool:
    """Most of what officers record are notes, and asking msgspec costs a tenth of the schema."""
    try:
        msgspec.convert(payload, _Note)
    except msgspec.ValidationError:
        return False
    return True


def _paths(messages: Mapping[Any, Any], above: str = "") -> list[str]:
    found = []
    for name, inner in messages.items():
        path = f"{above}.{name}" if above else str(name)
        found += _paths(inner, path) if isinstance(inner, Mapping) else [path]
    return found
