"""What is said where an accepted record cannot be true together with an earlier one."""

from fieldsync.sync.operation import Operation


class ClashError(Exception):
    """The record contradicts one that was accepted before; a person must look at both."""


def case_of(operation: Operation) -> str:
    """The case of a record that was judged to have one."""
    if operation.case_id is None:
        raise ClashError
    return operation.case_id
