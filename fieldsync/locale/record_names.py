"""What the words of records and of a bank's book are called when a person reads them."""

from collections.abc import Mapping

from fieldsync.locale import render
from fieldsync.sync.kinds import PURGED, OperationKind
from fieldsync.words import Words, words

KINDS: dict[str, Words] = {
    OperationKind.VISIT_START: words("visit started"),
    OperationKind.VISIT_STEP: words("step of a visit"),
    OperationKind.VISIT_STOP: words("visit broken off"),
    OperationKind.VISIT_EVIDENCE: words("photos or papers attached"),
    OperationKind.CHECK_IN_KEY: words("check-in secret set"),
    OperationKind.VISIT_NOTE: words("note"),
    OperationKind.VISIT_FINISH: words("visit finished"),
    OperationKind.VISIT_REFUSED: words("start refused by a rule"),
    OperationKind.HARDSHIP_DISCLOSE: words("hardship told"),
    OperationKind.HARDSHIP_WITHDRAW: words("consent withdrawn"),
    OperationKind.AGREEMENT_SIGN: words("instalment plan signed"),
    PURGED: words("deleted after its time"),
    OperationKind.ITINERARY_REPLAN: words("day re-planned"),
    OperationKind.COMPLAINT_RECORD: words("complaint taken down"),
    OperationKind.CORRECTION_PROPOSE: words("correction proposed"),
}

# Who told of a hardship, by the code that a disclosure keeps.
TELLERS = {
    "debtor": words("the borrower"),
    "spouse": words("husband or wife"),
    "family": words("another member of the family"),
    "colleague": words("a colleague"),
    "other": words("somebody else"),
}

# Words of a bank's book that most books share; its own words are shown as they stand there.
PRODUCTS = {
    "card": words("credit card"),
    "consumer_loan": words("consumer loan"),
    "mortgage": words("mortgage"),
    "car_loan": words("car loan"),
    "business_loan": words("business loan"),
}
CALLERS = {"bank": words("the bank"), "agency": words("an agency")}


def called(word: str, names: Mapping[str, Words]) -> str:
    """What the word is called in the reader's language; the word itself where nobody knows it."""
    return render(names[word]) if word in names else word
