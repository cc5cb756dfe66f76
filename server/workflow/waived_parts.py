"""Says which parts of a debt a record gives up, for whoever grants it."""

from fieldsync.domain.agreement import Component
from fieldsync.domain.money import Money
from fieldsync.locale.names import name_of
from fieldsync.sync.operation import Operation
from fieldsync.words import Words


def waived_parts(operation: Operation) -> list[tuple[Words, str]]:
    """Each part's name and amount; nothing where the record cannot be read, which needs two as well."""
    try:
        given = operation.payload["quote"]["terms"].get("waived", ())
        return [
            (
                name_of(Component(part["component"])),
                str(Money(int(part["amount"]["amount_minor"]), str(part["amount"]["currency"]))),
            )
            for part in given
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []
