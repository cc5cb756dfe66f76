"""Joins what a new case book says of a case with what older books said: nothing known gets lost."""

import dataclasses
from collections.abc import Iterable

from fieldsync.domain.case import Borrower, Case, ContactAttempt, Payment
from fieldsync.domain.place import Address


def joined(
    case: Case,
    stored: Case | None,
    contacts: Iterable[ContactAttempt] = (),
    payments: Iterable[Payment] = (),
) -> Case:
    """The case as the newest book has it, with every contact attempt and payment ever imported.

    An attempt is the same if its instant, channel, number and maker are; a payment by its id. The
    newer word wins for both. An address that the field found invalid stays so until the bank
    changes it, a number that is another's stays away while the bank's book repeats it. Joining the same again changes nothing.
    """
    old_contacts = stored.contacts if stored else ()
    old_payments = stored.payments if stored else ()
    attempts = {_attempt_key(c): c for c in (*old_contacts, *case.contacts, *contacts)}
    received = {p.payment_id: p for p in (*old_payments, *case.payments, *payments)}
    return dataclasses.replace(
        case,
        borrower=_without_wrong_phones(case.borrower, stored),
        addresses=tuple(_still_invalid(a, stored) for a in case.addresses),
        contacts=tuple(attempts[key] for key in sorted(attempts)),
        payments=tuple(sorted(received.values(), key=lambda p: (p.on, p.payment_id))),
    )


def _attempt_key(attempt: ContactAttempt) -> tuple[float, str, str, str]:
    return attempt.at.timestamp(), attempt.channel.value, attempt.number, attempt.by


def _still_invalid(address: Address, stored: Case | None) -> Address:
    known = stored.address(address.address_id) if stored else None
    if known is None or not known.invalid:
        return address
    same = dataclasses.replace(known, invalid=False) == dataclasses.replace(address, invalid=False)
    return dataclasses.replace(address, invalid=True) if same else address


def _without_wrong_phones(borrower: Borrower, stored: Case | None) -> Borrower:
    known = set(stored.borrower.wrong_phones) if stored else set()
    repeated = [phone for phone in (*borrower.phones, *borrower.wrong_phones) if phone in known]
    return dataclasses.replace(
        borrower,
        phones=tuple(phone for phone in borrower.phones if phone not in known),
        wrong_phones=tuple(dict.fromkeys(repeated)),
    )
