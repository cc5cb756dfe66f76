"""The border of `agreement.sign`: what we wrote passes, and each wrong field is named."""

from typing import Any

import pytest
from marshmallow import ValidationError

from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_builtins, to_builtins
from fieldsync.schemas.agreement import AgreementPayloadSchema
from tests.agreements.paper import agreement


def test_what_the_device_writes_passes_and_comes_back() -> None:
    """Payload, schema and value agree with each other."""
    payload = to_builtins(agreement())
    AgreementPayloadSchema().load(payload)
    assert from_builtins(payload, Agreement) == agreement()


def _changed(path: str, value: object) -> dict[str, Any]:
    payload: dict[str, Any] = to_builtins(agreement())
    *parents, last = path.split(".")
    inner = payload
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return payload


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("agreement_id", ""),
        ("document_sha256", "b" * 63),
        ("language", "fr"),
        ("witnesses", []),
        ("signature.media_type", "text/html"),
        ("signature.signed_at", "2026-11-24T10:30:00"),
        ("quote.terms.kind", "lottery"),
        ("quote.terms.months", 10**9),
        ("quote.terms.months", 12.0),
        ("quote.terms.yearly_rate", 0.06),
        ("quote.terms.yearly_rate", "NaN"),
        ("quote.terms.first_due", "soon"),
        ("quote.debt.principal", {"amount_minor": -1, "currency": "CNY"}),
        ("quote.debt.fees", {"amount_minor": 1, "currency": "USD"}),
        ("quote.instalments", []),
        ("quote.total_payable", None),
        ("surplus", 1),
    ],
)
def test_wrong_fields_are_refused(path: str, value: object) -> None:
    """Each is an error of validation, never a crash."""
    with pytest.raises(ValidationError):
        AgreementPayloadSchema().load(_changed(path, value))
