"""What the parts of a record are called when a person reads it: its kind, who told of a hardship."""

from fieldsync.sync.kinds import OperationKind
from fieldsync.words import Words, words

KINDS: dict[str, Words] = {
    OperationKind.VISIT_START: words("visit started"),
    OperationKind.VISIT_NOTE: words("note"),
    OperationKind.VISIT_FINISH: words("visit finished"),
    OperationKind.VISIT_REFUSED: words("start refused by a rule"),
    OperationKind.HARDSHIP_DISCLOSE: words("hardship told"),
    OperationKind.AGREEMENT_SIGN: words("instalment plan signed"),
    OperationKind.ITINERARY_REPLAN: words("day re-planned"),
}

# Who told of a hardship, by the code that a disclosure keeps.
TELLERS = {
    "debtor": words("the borrower"),
    "spouse": words("husband or wife"),
    "family": words("another member of the family"),
    "colleague": words("a colleague"),
    "other": words("somebody else"),
}
