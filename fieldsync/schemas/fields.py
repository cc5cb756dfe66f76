"""What several borders share of marshmallow: ids, hashes, keys, instants, amounts, and what an answer is."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

NAME_MAX = 200
TEXT_MAX = 4000
_AMOUNT_MAX_MINOR = 10**15
BASE64URL_KEY = r"^[A-Za-z0-9_-]{43}$"
BASE64URL_SIGNATURE = r"^[A-Za-z0-9_-]{86}$"


def identifier(**settings: object) -> fields.String:
    """An id of ours or of the bank: 1 to 200 printable characters without spaces at the ends."""
    checks = [
        validate.Length(1, NAME_MAX),
        validate.Regexp(r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\Z"),
    ]
    said: dict[str, Any] = {"required": True, "validate": checks} | settings
    return fields.String(**said)


def sha256() -> fields.String:
    """A SHA-256 in lower-case hex."""
    return fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


def raw_key() -> fields.String:
    """A raw Ed25519 public key of 32 bytes, base64url without padding."""
    return fields.String(required=True, validate=validate.Regexp(BASE64URL_KEY + r"\Z"))


def signature() -> fields.String:
    """A raw Ed25519 signature of 64 bytes, base64url without padding."""
    return fields.String(required=True, validate=validate.Regexp(BASE64URL_SIGNATURE + r"\Z"))


def instant(*, required: bool = True) -> fields.AwareDateTime:
    """An RFC 3339 instant with its offset."""
    return fields.AwareDateTime(format="iso", required=required)


def amount_minor(least: int = 0) -> fields.Integer:
    """An amount of money in minor units, from `least` up."""
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(least, _AMOUNT_MAX_MINOR)
    )


def currency() -> fields.String:
    """An ISO 4217 code by its shape; which ones there are, an import asks."""
    return fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"))


class Answer(Schema):
    """What a server answers: it may grow fields that an older device does not know."""

    class Meta:
        """What marshmallow is told."""

        unknown = EXCLUDE


class WordsSchema(Schema):
    """One sentence in both languages."""

    en = fields.String(required=True)
    zh_cn = fields.String(required=True, data_key="zh-CN", attribute="zh-CN")
