"""What an agreement's document is made from: the signed numbers and the people around them."""

from dataclasses import dataclass, field
from datetime import datetime

from fieldsync.domain.agreement import PlanRules, Quote, Standing
from fieldsync.domain.officer import Officer
from fieldsync.words import Words, words

TEMPLATE_VERSION = "3"
BANK_LANGUAGE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Lender:
    """Who lends, as the borrower knows them: the name and the number to call."""

    name: Words
    phone: Words


# What is true of every bank, for a server whose settings do not name its own.
CONTRACT_LENDER = Lender(
    name=words("the bank named in the loan contract"),
    phone=words("the bank's number printed on the card or contract"),
)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Everything the document states.

    `language` is the borrower's; where the bank's differs, the document speaks both. `kind_name` is
    the plan kind's name (`locale.names`, which a pure room cannot read). `signed_at` carries its
    offset; `hardship_ref` is only an id.
    """

    agreement_id: str
    quote: Quote
    kind_name: Words
    lender: Lender
    branch: str
    debtor_name: str
    debtor_id_number: str
    address: str
    account_ref: str
    product: str
    place: str
    signed_at: datetime
    witnesses: tuple[Officer, ...]
    language: str
    bank_language: str = BANK_LANGUAGE
    version: int = 1
    hardship_ref: str = ""
    replaces: str | None = None
    standing: Standing = Standing.SIGNED
    mandate: str = ""
    reminders: bool = False
    verification_code: str = ""
    verification_url: str = ""
    rules: PlanRules = field(default_factory=PlanRules)

    @property
    def languages(self) -> tuple[str, ...]:
        """The document's languages, the borrower's first."""
        return tuple(dict.fromkeys((self.language, self.bank_language)))
