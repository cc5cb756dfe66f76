"""Payloads of a check-in: the key an officer publishes, and the proof that they stood at a door."""

from marshmallow import Schema, fields, validate

from fieldsync.domain.check_in import CheckInKey
from fieldsync.schemas.fields import identifier, raw_key, signature

# What libsodium's argon2id takes (crypto_pwhash), and what a tablet can spare.
_SALT = r"^[A-Za-z0-9_-]{22}\Z"
_ROUNDS_MOST = 16
_MEMORY_LEAST, _MEMORY_MOST = 8 << 10, 1 << 30


class CheckInKeySchema(Schema):
    """What colleagues need to check a proof: nothing that is secret."""

    officer_id = identifier()
    salt = fields.String(required=True, validate=validate.Regexp(_SALT))
    opslimit = fields.Integer(required=True, strict=True, validate=validate.Range(1, _ROUNDS_MOST))
    memlimit = fields.Integer(
        required=True, strict=True, validate=validate.Range(_MEMORY_LEAST, _MEMORY_MOST)
    )
    public_key = raw_key()


class CheckInProofSchema(Schema):
    """One officer's signature over the statement of a visit."""

    officer_id = identifier()
    sig = signature()


def check_in_key_of(row: object) -> CheckInKey | None:
    """The key as a roster tells it; None where there is none, or one that cannot be used."""
    if not isinstance(row, dict) or CheckInKeySchema().validate(row):
        return None
    return CheckInKey(**row)
