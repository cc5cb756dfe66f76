"""Counter-seals the documents of accepted agreements: checks the device's seal, adds the office's and a time stamp.

It runs after the acceptance and may be repeated: what is missing a seal is found in the store.
"""

import dataclasses

from sqlalchemy import Connection, insert, select

from fieldsync import __version__
from fieldsync.adapters.pdf_seal import counter_seal, outside_stamper
from fieldsync.adapters.pdf_verify import check_document
from fieldsync.adapters.time_stamps import EmbeddedStamper
from fieldsync.agreements.seal import DocumentCheck, SealFacts, SealFault
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_json
from fieldsync.errors import NotFoundError
from fieldsync.words import Words, words
from server.context import ServerContext
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.retrying import retried
from server.store.tables import agreement_documents, agreements, blobs, devices
from server.workflow.certify_device import document_authority

_REASON = "Received, checked and accepted by the bank"
_SYSTEM = "server"
_PDF = "application/pdf"


def seal_waiting(ctx: ServerContext) -> int:
    """Seal every accepted agreement's document that has no office seal yet; how many that were.

    A document that was never sealed by a device, or whose file is not here, gets what can be given:
    the office seals what came. An outside time stamp that cannot be had leaves the document waiting.
    """
    with reading(ctx.engine) as conn:
        waiting = _waiting(conn)
    return sum(_seal_one(ctx, agreement) for agreement in waiting)


def _waiting(conn: Connection) -> list[Agreement]:
    rows = conn.execute(
        select(agreements.c.body)
        .outerjoin(
            agreement_documents,
            agreement_documents.c.agreement_id == agreements.c.agreement_id,
        )
        .where(agreement_documents.c.agreement_id.is_(None))
        .order_by(agreements.c.agreement_id)
    )
    return [from_json(row.body, Agreement) for row in rows]


def _seal_one(ctx: ServerContext, agreement: Agreement) -> bool:
    try:
        document = ctx.blobs.get(agreement.document_sha256)
    except NotFoundError:
        return False
    authority, now = document_authority(ctx), ctx.clock.now()
    url = ctx.config.tsa_url
    stamper = outside_stamper(url) if url else EmbeddedStamper(authority.stamper, now)
    facts = SealFacts(
        signer="Office",
        reason=_REASON,
        agreement_id=agreement.agreement_id,
        program=__version__,
        document_sha256=agreement.document_sha256,
    )
    try:
        sealed = counter_seal(document, authority.office, facts, now, stamper)
    except OSError as error:
        # An outside stamp that cannot be had now: the document waits for the next try.
        _note_failure(ctx, agreement, type(error).__name__)
        return False
    except ValueError:
        return _keep(ctx, agreement, "", check_document(document, []))
    sha256 = ctx.blobs.put(sealed)
    found = check_document(document, [authority.root.certificate])
    return _keep(ctx, agreement, sha256, found, len(sealed))


@retried
def _keep(
    ctx: ServerContext, agreement: Agreement, sha256: str, found: DocumentCheck, size: int = 0
) -> bool:
    """Note what was sealed; `sha256` is empty where nothing could be."""
    now = ctx.clock.now()
    faults = ",".join(fault.value for fault in found.all_faults)
    with writing(ctx.engine) as conn:
        known = select(agreement_documents.c.agreement_id).where(
            agreement_documents.c.agreement_id == agreement.agreement_id
        )
        if conn.execute(known).first() is not None:
            return False
        conn.execute(
            insert(agreement_documents).values(
                agreement_id=agreement.agreement_id,
                sha256=agreement.document_sha256,
                office_sha256=sha256,
                faults=faults,
                sealed_at=now,
            )
        )
        if sha256:
            conn.execute(
                insert(blobs).values(
                    sha256=sha256, size=size, type=_PDF, device_id=_SYSTEM, received_at=now
                )
            )
        record(
            conn,
            at=now,
            actor=_SYSTEM,
            action="agreement.sealed",
            subject=agreement.agreement_id,
            detail={"sha256": sha256, "faults": faults},
        )
    return True


@retried
def _note_failure(ctx: ServerContext, agreement: Agreement, what: str) -> None:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        record(
            conn,
            at=now,
            actor=_SYSTEM,
            action="agreement.seal_failed",
            subject=agreement.agreement_id,
            detail={"error": what},
        )


def revoked_among(ctx: ServerContext, check: DocumentCheck) -> DocumentCheck:
    """The same, seals of devices that were revoked named as such."""
    names = [seal.signer for seal in check.seals]
    with reading(ctx.engine) as conn:
        rows = conn.execute(
            select(devices.c.device_id).where(
                devices.c.device_id.in_(names), devices.c.revoked_from_seq.is_not(None)
            )
        )
        gone = {row.device_id for row in rows}
    seals = tuple(
        dataclasses.replace(seal, faults=(*seal.faults, SealFault.REVOKED))
        if seal.signer in gone and check.not_after is None
        else seal
        for seal in check.seals
    )
    return dataclasses.replace(check, seals=seals)


def known_document(ctx: ServerContext, sha256: str) -> Words:
    """What the office knows of a document with this hash."""
    documents = agreement_documents.c
    with reading(ctx.engine) as conn:
        row = conn.execute(
            select(agreements.c.agreement_id, agreements.c.case_id)
            .outerjoin(agreement_documents, documents.agreement_id == agreements.c.agreement_id)
            .where((agreements.c.document_sha256 == sha256) | (documents.office_sha256 == sha256))
        ).first()
    if row is None:
        return words("The office knows no document with these very bytes.")
    return words(
        "It is the document of agreement {id}, case {case_id}.",
        id=row.agreement_id,
        case_id=row.case_id,
    )
