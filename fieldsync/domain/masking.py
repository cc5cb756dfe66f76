"""What a device gets of a case file: everything but the middle of the identity number."""

import dataclasses

from fieldsync.domain.case import Case

_HEAD, _TAIL = 3, 4
# A shorter number would be told by its head, or by its head and tail together.
_HEAD_SHOWN_FROM, _TAIL_SHOWN_FROM = 11, 8


def mask_number(number: str) -> str:
    """The first three and last four characters, stars between; of a short number less, or nothing.

    A number that came masked stays as it is.
    """
    if "*" in number:
        return number
    head = number[:_HEAD] if len(number) >= _HEAD_SHOWN_FROM else ""
    tail = number[-_TAIL:] if len(number) >= _TAIL_SHOWN_FROM else ""
    return head + "*" * (len(number) - len(head) - len(tail)) + tail


def masked(case: Case) -> Case:
    """The case file as it leaves the server; masking it again changes nothing."""
    borrower = dataclasses.replace(case.borrower, id_number=mask_number(case.borrower.id_number))
    return dataclasses.replace(case, borrower=borrower)
