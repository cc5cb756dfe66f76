"""Which schema stands behind each kind of operation, and what is wrong with a payload, if anything."""

from collections.abc import Mapping
from typing import Any

import msgspec
from marshmallow import Schema, ValidationError

from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.disclosure import Disclosure
from fieldsync.schemas.agreement import AgreementPayloadSchema
from fieldsync.schemas.disclosure import DisclosurePayloadSchema
from fieldsync.schemas.replan import ReplanPayloadSchema
from fieldsync.schemas.visit import (
    VisitFinishPayloadSchema,
    VisitNotePayloadSchema,
    VisitRefusedPayloadSchema,
    VisitStartPayloadSchema,
)
from fieldsync.sync.kinds import OperationKind

SCHEMAS: Mapping[OperationKind, type[Schema]] = {
    OperationKind.VISIT_START: VisitStartPayloadSchema,
    OperationKind.VISIT_NOTE: VisitNotePayloadSchema,
    OperationKind.VISIT_FINISH: VisitFinishPayloadSchema,
    OperationKind.VISIT_REFUSED: VisitRefusedPayloadSchema,
    OperationKind.HARDSHIP_DISCLOSE: DisclosurePayloadSchema,
    OperationKind.AGREEMENT_SIGN: AgreementPayloadSchema,
    OperationKind.ITINERARY_REPLAN: ReplanPayloadSchema,
}
# Kinds whose payload is a whole domain value, which must also fit its type.
_VALUES: Mapping[OperationKind, type[object]] = {
    OperationKind.HARDSHIP_DISCLOSE: Disclosure,
    OperationKind.AGREEMENT_SIGN: Agreement,
}


def kind_of(text: str) -> OperationKind | None:
    """The kind, or None for one this version does not know."""
    try:
        return OperationKind(text)
    except ValueError:
        return None


def payload_fault(kind: OperationKind, payload: Mapping[str, Any]) -> str | None:
    """Which fields are wrong, as `field.field, field`; None where the payload is sound.

    Names of fields only: what a person said never enters a reason.
    """
    try:
        SCHEMAS[kind]().load(payload)
        if kind in _VALUES:
            from_builtins(payload, _VALUES[kind])
    except ValidationError as error:
        # marshmallow leaves this one method untyped
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        return ", ".join(sorted(_paths(messages)))
    except msgspec.ValidationError as error:
        return str(error).rpartition("`")[0].rpartition("`")[2] or "$"
    return None


def _paths(messages: Mapping[Any, Any], above: str = "") -> list[str]:
    found = []
    for name, inner in messages.items():
        path = f"{above}.{name}" if above else str(name)
        found += _paths(inner, path) if isinstance(inner, Mapping) else [path]
    return found
