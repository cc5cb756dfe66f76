"""What each kind of record is called when it is listed for a person."""

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
