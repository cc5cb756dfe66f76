"""What a check of a document's seals found, in words for people who never heard of a certificate."""

from collections.abc import Mapping
from datetime import datetime

from fieldsync.agreements.seal import CheckedSeal, DocumentCheck, SealFault
from fieldsync.words import Words, words

FAULTS: Mapping[SealFault, Words] = {
    SealFault.UNREADABLE: words("This file is no PDF, or it is damaged."),
    SealFault.UNSEALED: words("This document carries no seal."),
    SealFault.BROKEN: words("A seal is broken: the document or the seal was changed."),
    SealFault.CHANGED_AFTER: words("The document was changed after it was sealed."),
    SealFault.NOT_WHOLE: words("Something was added to the document after the last seal."),
    SealFault.UNKNOWN_AUTHORITY: words("A seal was not made by this bank's devices or its office."),
    SealFault.OUT_OF_TIME: words("A certificate was not valid when the seal was made."),
    SealFault.REVOKED: words("The device that sealed it is trusted no more."),
    SealFault.NO_TIME: words("A time stamp is missing or does not hold."),
}


def verdict(check: DocumentCheck) -> Words:
    """One sentence: whether anybody may rely on the document."""
    if not check.holds:
        return words("Do not rely on this document.")
    if check.not_after is None:
        return words(
            "The document is whole and sealed by the device; the office has not sealed it yet."
        )
    return words("The document is whole, sealed by the device and by the office.")


def seal_line(seal: CheckedSeal) -> Words:
    """Who sealed and when."""
    if seal.stamped_at is not None:
        return words(
            "Sealed by {signer}, certificate {serial}; time stamp {at}.",
            signer=seal.signer,
            serial=seal.serial,
            at=_said(seal.stamped_at),
        )
    return words(
        "Sealed by {signer}, certificate {serial}; its own clock said {at}.",
        signer=seal.signer,
        serial=seal.serial,
        at=_said(seal.signed_at),
    )


def interval(check: DocumentCheck) -> Words | None:
    """Between which two instants it was signed for certain; None without a time stamp."""
    if check.not_after is None:
        return None
    return words(
        "It was signed for certain after {first} and before {last}.",
        first=_said(check.not_before),
        last=_said(check.not_after),
    )


def _said(at: datetime | None) -> str:
    return at.isoformat(sep=" ", timespec="seconds") if at else "-"
