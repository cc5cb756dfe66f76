"""What the quick reader takes, the schema takes too, and both make the same of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from fieldsync.schemas.payloads import SCHEMAS, payload_fault
from fieldsync.schemas.sync import SyncRequestSchema
from fieldsync.schemas.sync_quick import quick_sync_request
from fieldsync.sync.kinds import OperationKind

_SIG = "A" * 86
_SEAL = "A" * 68
_TEXT = st.one_of(st.text(max_size=8), st.sampled_from(["", "x", "a\u0000b", " a", "a b", "名"]))
_SIGS = st.one_of(st.just(_SIG), st.sampled_from([_SIG + "\n", _SIG[:-1], _SIG[:-1] + "=", ""]))
_SEALS = st.one_of(
    st.just(_SEAL), st.sampled_from([_SEAL + "\n", _SEAL[:60], _SEAL + "=", "名" * 66, ""])
)
_SIGNED = st.one_of(
    st.fixed_dictionaries({"sealed": _SEALS, "sig": _SIGS}),
    st.fixed_dictionaries({"sealed": _SEALS, "body": _TEXT, "sig": _SIGS}),
    st.fixed_dictionaries({"sealed": st.none(), "body": _TEXT, "sig": _SIGS}),
    st.fixed_dictionaries({"sig": _SIGS}),
    st.fixed_dictionaries({"body": _TEXT, "sig": _SIGS}),
    st.fixed_dictionaries({"body": _TEXT, "sig": _SIGS, "more": st.none()}),
    st.integers(),
)
_REQUESTS = st.fixed_dictionaries(
    {
        "device_id": st.one_of(_TEXT, st.just("0190-abc")),
        "cursor": st.one_of(st.none(), _TEXT, st.integers()),
        "operations": st.one_of(st.lists(_SIGNED, max_size=3), st.none()),
    },
    optional={
        "urgent": st.lists(_SIGNED, max_size=2),
        "receipt": st.one_of(st.none(), _SIGNED),
        "page_bytes": st.sampled_from([None, 0, 4096, 5000.5, True, 1 << 20, 1 << 21, "9000"]),
        "stranger": st.none(),
    },
)


@given(_REQUESTS)
def test_the_quick_reader_takes_nothing_that_the_schema_refuses(data: dict[str, Any]) -> None:
    """Any request at all: where both take it they make the same value of it."""
    quick = quick_sync_request(json.dumps(data).encode())
    if quick is not None:
        assert SyncRequestSchema().load(data) == quick


def test_an_ordinary_request_is_read_at_a_glance() -> None:
    """Otherwise the property above would hold of a reader that takes nothing."""
    signed = {"body": "{}", "sig": _SIG}
    data = {
        "device_id": "01936b7e-0000-7000-8000-000000000000",
        "cursor": None,
        "operations": [signed, {"sealed": _SEAL, "sig": _SIG}],
        "urgent": [signed],
        "receipt": signed,
    }
    quick = quick_sync_request(json.dumps(data).encode())
    assert quick is not None
    assert (len(quick.operations), len(quick.urgent)) == (2, 1)


@pytest.mark.parametrize(
    "entry",
    [{}, {"body": "{}", "sealed": _SEAL}, {"body": "{}", "sealed": None}, {"sealed": "A" * 60}],
    ids=["neither", "both", "a seal of nothing", "too short to be one"],
)
def test_an_entry_is_a_body_or_a_seal(entry: dict[str, Any]) -> None:
    """Exactly one of both, for the quick reader and for the schema, which names the field."""
    entry = {**entry, "sig": _SIG}
    data = {"device_id": "0190-abc", "cursor": None, "operations": [entry]}
    assert quick_sync_request(json.dumps(data).encode()) is None
    with pytest.raises(ValidationError):
        SyncRequestSchema().load(data)


@given(
    st.dictionaries(
        st.sampled_from(["visit_id", "text", "more"]),
        st.one_of(st.none(), st.integers(), _TEXT, st.just("x" * 4001)),
    )
)
def test_a_note_is_judged_as_its_schema_judges_it(payload: dict[str, Any]) -> None:
    """The short way for notes changes no verdict."""
    try:
        SCHEMAS[OperationKind.VISIT_NOTE]().load(payload)
        is_sound = True
    except ValidationError:
        is_sound = False
    assert (payload_fault(OperationKind.VISIT_NOTE, payload) is None) == is_sound
