"""One thing that is wrong with some terms, as a value."""

from collections.abc import Iterable
from dataclasses import dataclass

from fieldsync.domain.agreement import PlanKind
from fieldsync.words import Words


@dataclass(frozen=True, slots=True)
class TermsProblem:
    """A code, the field it sits in, what is wrong and what to do.

    `beyond` is what the officer may not offer alone but may propose; the rest cannot be agreed at all.
    """

    code: str
    field: str
    message: Words
    hint: Words
    beyond: bool = False


def said_kinds(kinds: Iterable[PlanKind]) -> str:
    """The kinds as they are typed."""
    return ", ".join(sorted(kind.value for kind in kinds))
