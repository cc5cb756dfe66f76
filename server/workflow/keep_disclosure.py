"""Writes an accepted disclosure down: what is private only sealed to the hardship team, or not at all."""

from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from fieldsync.adapters.hardship_seal import seal_part
from fieldsync.conduct.hardship import minimise
from fieldsync.conduct.sensitive import parted, without_consent
from fieldsync.domain.codec import from_builtins, from_json, to_json
from fieldsync.domain.disclosure import ConsentWithdrawal, Disclosure
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation, decode_body
from fieldsync.sync.outcome import OutcomeKind
from server.store.meta import hardship_seal
from server.store.tables import disclosures, operations


def keep_disclosure(conn: Connection, operation: Operation) -> frozenset[str]:
    """What lacks consent is not written down; the plain words of an older program are sealed here.

    Its signed record stays as it was sent (docs/explanation/conduct); whatever shows it leaves them out.
    """
    disclosure = _sealed(conn, minimise(from_builtins(operation.payload, Disclosure)))
    if _is_withdrawn(conn, disclosure):
        disclosure = without_consent(disclosure)
    conn.execute(
        insert(disclosures).values(
            disclosure_id=disclosure.disclosure_id,
            case_id=disclosure.case_id,
            op_id=operation.op_id,
            body=to_json(disclosure),
        )
    )
    return frozenset()


def withdraw_consent(conn: Connection, operation: Operation) -> frozenset[str]:
    """Delete what was sealed of one disclosure, or of all on the case; the needs stay."""
    forget_sealed(conn, from_builtins(operation.payload, ConsentWithdrawal))
    return frozenset()


def forget_sealed(conn: Connection, withdrawal: ConsentWithdrawal) -> int:
    """The same for whoever hears of it; how many disclosures lost their private part."""
    query = select(disclosures).where(disclosures.c.case_id == withdrawal.case_id)
    if withdrawal.disclosure_id is not None:
        query = query.where(disclosures.c.disclosure_id == withdrawal.disclosure_id)
    rows = conn.execute(query).all()
    for row in rows:
        body = to_json(without_consent(from_json(row.body, Disclosure)))
        conn.execute(
            update(disclosures)
            .where(disclosures.c.disclosure_id == row.disclosure_id)
            .values(body=body)
        )
    return len(rows)


def _sealed(conn: Connection, disclosure: Disclosure) -> Disclosure:
    """The disclosure without anything private in the clear; without a key to seal to, the need alone."""
    kept, part = parted(disclosure)
    if part is None or disclosure.sealed:
        return kept
    seal = hardship_seal(conn)
    return kept if seal is None else replace(kept, sealed=seal_part(seal["key"], part))


def _is_withdrawn(conn: Connection, disclosure: Disclosure) -> bool:
    """Whether consent was taken back before a person accepted the record."""
    rows = conn.execute(
        select(operations.c.body).where(
            operations.c.case_id == disclosure.case_id,
            operations.c.kind == OperationKind.HARDSHIP_WITHDRAW.value,
            operations.c.outcome == OutcomeKind.ACCEPTED.value,
            operations.c.occurred_at >= disclosure.at,
        )
    )
    withdrawn = (
        from_builtins(decode_body(body).payload, ConsentWithdrawal) for body in rows.scalars()
    )
    return any(one.disclosure_id in {None, disclosure.disclosure_id} for one in withdrawn)
