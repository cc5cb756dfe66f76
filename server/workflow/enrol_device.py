"""Makes single-use codes and enrols devices with them."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select, update

from fieldsync.domain.officer import Officer
from fieldsync.errors import ConflictError, FieldsyncError, NotFoundError, UnauthorisedError
from fieldsync.schemas.enrolment import EnrolRequest, EnrolResponse, normal_code
from fieldsync.words import words
from server.context import ServerContext
from server.security.text_keys import public_text
from server.store.audit import record
from server.store.devices import add_device, load_device
from server.store.engine import writing
from server.store.feed import publish
from server.store.meta import epoch_of
from server.store.retrying import retried
from server.store.tables import audit, enrolment_codes, officers
from server.workflow.share_reference import share_reference

# Crockford's base 32: no I, L, O or U, so that a code can be read over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_GROUP = 4
_FAILURES_MAX = 20
_FAILURE_SPAN = timedelta(minutes=10)
_NEW_CODE = words("Ask the office for a new code (`fieldsync-server enroll-code`).")


@retried
def make_code(ctx: ServerContext, officer_id: str, valid_for: timedelta) -> tuple[str, datetime]:
    """A fresh code for an officer and when it ends; NotFoundError 404.41 for an unknown officer.

    60 random bits, told once: only its SHA-256 is stored.
    """
    drawn = ctx.randomness.token(_CODE_LENGTH)
    plain = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in drawn)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        if _officer(conn, officer_id) is None:
            raise NotFoundError(
                "404.41",
                words("There is no officer {officer_id}.", officer_id=officer_id),
                words("Import the staff first (`fieldsync-server import-staff`)."),
            )
        conn.execute(
            insert(enrolment_codes).values(
                code_hash=_hash(plain), officer_id=officer_id, expires_at=now + valid_for
            )
        )
        record(conn, at=now, actor="office", action="enrol.code", subject=officer_id)
    groups = [plain[i : i + _GROUP] for i in range(0, _CODE_LENGTH, _GROUP)]
    return "-".join(groups), now + valid_for


@retried
def enrol(ctx: ServerContext, asked: EnrolRequest, remote: str) -> EnrolResponse:
    """Enrol the device; told again, the same answer comes back (its first reply may have been lost).

    UnauthorisedError 403.41 for a wrong code, 403.42 for an expired one, 429.1 after too many wrong
    ones from one address (`remote`); ConflictError 409.44 for a used one, 409.45 for a known device.
    """
    now = ctx.clock.now()
    try:
        with writing(ctx.engine) as conn:
            _check_rate(conn, remote, now)
            officer_id = _use_code(conn, asked, now)
            return _answer(ctx, conn, asked, officer_id, now)
    except FieldsyncError as error:
        with writing(ctx.engine) as conn:
            record(
                conn,
                at=now,
                actor=remote,
                action="enrol.failed",
                subject=asked.device_id,
                detail={"code": error.code},
            )
        raise


def _use_code(conn: Connection, asked: EnrolRequest, now: datetime) -> str:
    """Use the code up and store the device; the officer's id."""
    code = _code(conn, asked.code)
    known = load_device(conn, asked.device_id)
    same = known is not None and (known.request_key, known.operation_key) == (
        asked.request_key,
        asked.operation_key,
    )
    officer_id = str(code.officer_id)
    if code.used_at is not None:
        if same and code.device_id == asked.device_id:
            return officer_id
        raise ConflictError("409.44", words("This enrolment code was used already."), _NEW_CODE)
    if code.expires_at <= now:
        raise UnauthorisedError("403.42", words("This enrolment code has expired."), _NEW_CODE)
    if known is not None:
        raise ConflictError(
            "409.45",
            words("This device is enrolled already."),
            words("Enrol with a fresh device folder (--home)."),
        )
    conn.execute(
        update(enrolment_codes)
        .where(enrolment_codes.c.code_hash == code.code_hash)
        .values(used_at=now, device_id=asked.device_id)
    )
    add_device(
        conn,
        device_id=asked.device_id,
        officer_id=officer_id,
        name=asked.device_name,
        request_key=asked.request_key,
        operation_key=asked.operation_key,
        at=now,
    )
    record(conn, at=now, actor=officer_id, action="enrol.done", subject=asked.device_id)
    return officer_id


def _code(conn: Connection, text: str) -> Row[tuple[object, ...]]:
    """The stored code; looked up by hash, so that time tells nothing, and locked until the end."""
    row = conn.execute(
        select(enrolment_codes)
        .where(enrolment_codes.c.code_hash == _hash(normal_code(text)))
        .with_for_update()
    ).first()
    if row is None:
        raise UnauthorisedError(
            "403.41",
            words("There is no such enrolment code."),
            words("Type it again as printed; letters O and I are digits 0 and 1."),
        )
    return row


def _answer(
    ctx: ServerContext, conn: Connection, asked: EnrolRequest, officer_id: str, now: datetime
) -> EnrolResponse:
    device = load_device(conn, asked.device_id)
    if device is None:
        raise LookupError(asked.device_id)
    branch = device.officer.branch
    publish(conn, share_reference(ctx, conn, branch, [officer_id]), now)
    return EnrolResponse(
        officer=device.officer,
        branch=branch,
        server_key=public_text(ctx.keys.receipt),
        epoch=epoch_of(conn),
        training=ctx.config.training,
        server_time=now,
    )


def _check_rate(conn: Connection, remote: str, now: datetime) -> None:
    query = select(func.count()).where(
        audit.c.actor == remote,
        audit.c.action == "enrol.failed",
        audit.c.at > now - _FAILURE_SPAN,
    )
    if (conn.execute(query).scalar() or 0) >= _FAILURES_MAX:
        raise UnauthorisedError(
            "429.1",
            words("Too many wrong enrolment codes came from this address."),
            words("Wait ten minutes and try again."),
            retry_after_s=int(_FAILURE_SPAN.total_seconds()),
        )


def _officer(conn: Connection, officer_id: str) -> Officer | None:
    row = conn.execute(select(officers).where(officers.c.officer_id == officer_id)).first()
    return Officer(row.officer_id, row.name, row.branch) if row else None


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
