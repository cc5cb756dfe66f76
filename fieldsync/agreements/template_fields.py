"""What a bank's own template of the agreement must state: the law's and the house's list, by field."""

import re

from fieldsync.errors import InputError
from fieldsync.words import words

# Credit-card business measures 2011, art. 70, and what the house adds; keys of `document_data`.
REQUIRED = (
    "title",
    "banner",
    "reference",
    "summary",
    "parties",
    "debt",
    "plan",
    "schedule",
    "schedule_columns",
    "schedule_total",
    "clauses",
    "signed",
    "debtor",
    "debtor_name",
    "collectors",
    "witnesses",
    "verification",
)
_INPUTS = ("sys.inputs.data", "sys.inputs.signature", "sys.inputs.qr")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def missing_fields(template: str) -> tuple[str, ...]:
    """The fields that the template never reads, comments left aside."""
    code = _COMMENT.sub("", template)
    fields = [name for name in REQUIRED if not re.search(rf"\bdata\.{name}\b", code)]
    return (*fields, *(name for name in _INPUTS if name not in code))


def require_fields(template: str, name: str) -> None:
    """Raise InputError 422.613 naming every field that is left out."""
    missing = missing_fields(template)
    if missing:
        raise InputError(
            "422.613",
            words(
                "The template {name} leaves out: {fields}.", name=name, fields=", ".join(missing)
            ),
            words(
                "An agreement without them must not be signed. Add them, or use the shipped one."
            ),
        )
