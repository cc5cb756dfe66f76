"""The border of one exchange: what `POST /api/v1/sync` takes and answers, to and from `sync.messages`."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from fieldsync.schemas.fields import Answer, identifier, instant, sha256, signature
from fieldsync.sync.digest import BUCKETS, Digest
from fieldsync.sync.feed import FeedOp, FeedRow
from fieldsync.sync.messages import (
    BATCH_BYTES_MAX,
    BATCH_OPERATIONS_MAX,
    PAGE_BYTES,
    PAGE_BYTES_LEAST,
    OperationResult,
    QuarantineRequest,
    RepairRequest,
    RepairResponse,
    SignedReceipt,
    SyncRequest,
    SyncResponse,
)
from fieldsync.sync.operation import PushedOperation, SealedOperation, SignedOperation
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.sync.sealing import SEAL_BYTES

CURSOR_MAX = 1000
URGENT_MAX = 100
RECEIPT_MAX = 2000
# Base64url of the smallest body and of one that fills a batch.
SEALED_MIN = (SEAL_BYTES + 2) * 4 // 3
SEALED_MAX = (SEAL_BYTES + BATCH_BYTES_MAX) * 4 // 3 + 1
SEALED_TEXT = r"^[A-Za-z0-9_-]+"


class PushedOperationSchema(Schema):
    """An operation's signature and its exact body text, or that text sealed to the server."""

    body = fields.String(validate=validate.Length(2, BATCH_BYTES_MAX))
    sealed = fields.String(
        validate=[validate.Length(SEALED_MIN, SEALED_MAX), validate.Regexp(SEALED_TEXT + r"\Z")]
    )
    sig = signature()

    @validates_schema
    def _one_of_both(self, data: Mapping[str, Any], **_settings: object) -> None:
        if ("body" in data) == ("sealed" in data):
            raise ValidationError("Either body or sealed.", "body")

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> PushedOperation:
        return SealedOperation(**data) if "sealed" in data else SignedOperation(**data)


class HeldReceiptSchema(Schema):
    """A receipt as the device gives it back."""

    body = fields.String(required=True, validate=validate.Length(2, RECEIPT_MAX))
    sig = signature()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> SignedReceipt:
        return SignedReceipt(**data)


class SyncRequestSchema(Schema):
    """`cursor` is null at first, and after an answer of 410; version 1 knew the first three fields."""

    device_id = identifier()
    cursor = fields.String(required=True, allow_none=True, validate=validate.Length(1, CURSOR_MAX))
    operations = fields.List(
        fields.Nested(PushedOperationSchema),
        required=True,
        validate=validate.Length(max=BATCH_OPERATIONS_MAX),
    )
    urgent = fields.List(
        fields.Nested(PushedOperationSchema), validate=validate.Length(max=URGENT_MAX)
    )
    receipt = fields.Nested(HeldReceiptSchema, allow_none=True)
    page_bytes = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(PAGE_BYTES_LEAST, PAGE_BYTES)
    )

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> SyncRequest:
        for name in {"operations", "urgent"} & data.keys():
            data[name] = tuple(data[name])
        return SyncRequest(**data)


class SignedReceiptSchema(Answer):
    """The receipt's exact text and the server's signature over it."""

    body = fields.String(required=True)
    sig = signature()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> SignedReceipt:
        return SignedReceipt(**data)


class ReasonSchema(Answer):
    """A stable code and the sentence in each language."""

    code = fields.String(required=True)
    message = fields.Dict(keys=fields.String(), values=fields.String(), required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Reason:
        return Reason(**data)


class OutcomeSchema(Answer):
    """Where an operation stands, and why."""

    kind = fields.Enum(OutcomeKind, by_value=True, required=True)
    reason = fields.Nested(ReasonSchema, required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Outcome:
        return Outcome(**data)


class OperationResultSchema(Answer):
    """What became of one pushed operation; `needs` are attachments still to be sent."""

    op_id = fields.String(required=True)
    seq = fields.Integer(required=True, strict=True)
    outcome = fields.Nested(OutcomeSchema, required=True)
    needs = fields.List(fields.String(), required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> OperationResult:
        return OperationResult(**{**data, "needs": tuple(data["needs"])})


class FeedRowSchema(Answer):
    """One change; `body` is null for a REMOVE."""

    key = fields.String(required=True)
    op = fields.Enum(FeedOp, by_value=True, required=True)
    version = fields.Integer(required=True, strict=True)
    body = fields.Dict(keys=fields.String(), required=True, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> FeedRow:
        return FeedRow(**data)


class DigestSchema(Answer):
    """Count and sum over the live rows."""

    count = fields.Integer(required=True, strict=True)
    sum = fields.String(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Digest:
        return Digest(**data)


class SyncResponseSchema(Answer):
    """The answer; `digest` is there when `complete`."""

    receipt = fields.Nested(SignedReceiptSchema, required=True)
    results = fields.List(fields.Nested(OperationResultSchema), required=True)
    changes = fields.List(fields.Nested(FeedRowSchema), required=True)
    cursor = fields.String(required=True)
    complete = fields.Boolean(required=True)
    digest = fields.Nested(DigestSchema, required=True, allow_none=True)
    server_time = instant()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> SyncResponse:
        for name in ("results", "changes"):
            data[name] = tuple(data[name])
        return SyncResponse(**data)


class BucketSchema(Schema):
    """One bucket's digest, as a device tells it."""

    count = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1 << 31))
    sum = sha256()

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> Digest:
        return Digest(**data)


class RepairRequestSchema(Schema):
    """Every bucket's digest, in order."""

    device_id = identifier()
    buckets = fields.List(
        fields.Nested(BucketSchema), required=True, validate=validate.Length(equal=BUCKETS)
    )

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> RepairRequest:
        return RepairRequest(data["device_id"], tuple(data["buckets"]))


class RepairResponseSchema(Answer):
    """The rows of the buckets that differed."""

    buckets = fields.List(fields.Integer(strict=True), required=True)
    rows = fields.List(fields.Nested(FeedRowSchema), required=True)
    complete = fields.Boolean(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> RepairResponse:
        return RepairResponse(tuple(data["buckets"]), tuple(data["rows"]), data["complete"])


class QuarantineRequestSchema(Schema):
    """Records of a log that cannot go on."""

    device_id = identifier()
    operations = fields.List(
        fields.Nested(PushedOperationSchema),
        required=True,
        validate=validate.Length(1, BATCH_OPERATIONS_MAX),
    )

    @post_load
    def _make(self, data: dict[str, Any], **_settings: object) -> QuarantineRequest:
        return QuarantineRequest(data["device_id"], tuple(data["operations"]))


class QuarantineResponseSchema(Answer):
    """The server's signed word on what it keeps."""

    receipt = fields.Nested(SignedReceiptSchema, required=True)
