"""What a device gets of a case file: everything but the middle of the identity number."""

import dataclasses

from fieldsync.domain.case import Case

_HEAD, _TAIL = 3, 4


def mask_number(number: str) -> str:
    """The first three and last four characters, stars between; a short number is all stars."""
    hidden = len(number) - _HEAD - _TAIL
    if hidden <= 0:
        return "*" * len(number)
    return number[:_HEAD] + "*" * hidden + number[-_TAIL:]


def masked(case: Case) -> Case:
    """The case file as it leaves the server; masking it again changes nothing."""
    borrower = dataclasses.replace(case.borrower, id_number=mask_number(case.borrower.id_number))
    return dataclasses.replace(case, borrower=borrower)
