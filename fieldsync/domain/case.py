"""A case: one borrower's overdue loan as the bank's book tells it, with what the field added since."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fieldsync.domain.calendar import Window
from fieldsync.domain.money import Money, total
from fieldsync.domain.place import Address


class Flag(StrEnum):
    """Codes for special situations, the same everywhere (docs/reference/codes.md)."""

    DISPUTE = "dispute"
    REPRESENTED = "represented"
    CEASE_CONTACT = "cease_contact"
    EMPLOYER_PROHIBITS = "employer_prohibits"
    BANKRUPT = "bankrupt"
    INSOLVENT = "insolvent"
    VULNERABLE = "vulnerable"
    BEREAVEMENT = "bereavement"
    CALAMITY = "calamity"
    CELEBRATION = "celebration"
    GRIEVANCE_OPEN = "grievance_open"
    BREATHING_SPACE = "breathing_space"
    CRISIS_MORATORIUM = "crisis_moratorium"
    DECEASED = "deceased"
    DETAINED = "detained"
    MILITARY = "military"
    FRAUD_VICTIM = "fraud_victim"
    MINOR_AT_DOOR = "minor_at_door"
    THIRD_PARTY_REFUSED = "third_party_refused"


class Channel(StrEnum):
    """How the borrower was or may be contacted."""

    CALL = "call"
    SMS = "sms"
    LETTER = "letter"
    EMAIL = "email"
    WECHAT = "wechat"
    MESSENGER = "messenger"
    VISIT = "visit"


class Reached(StrEnum):
    """Who answered a contact attempt."""

    DEBTOR = "debtor"
    THIRD_PARTY = "third_party"
    NONE = "none"


class AgreementState(StrEnum):
    """How an instalment agreement stands; `none` is a case without one."""

    NONE = "none"
    PROPOSED = "proposed"
    PERFORMING = "performing"
    BROKEN = "broken"
    SETTLED = "settled"


class HoldKind(StrEnum):
    """Why collection on a case is stopped."""

    HARDSHIP = "hardship"
    DISPUTE = "dispute"
    AGREEMENT = "agreement"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Borrower:
    """The person who owes; `id_number` is the national identity number, masked once off the server.

    `wrong_phones` are numbers of the bank's book that the office knows to be another's; they are not
    among `phones`.
    """

    name: str
    id_number: str = ""
    phones: tuple[str, ...] = ()
    language: str = "zh-CN"
    wrong_phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loan:
    """What is owed, as the bank stated it on `as_of`; the parts add up to `outstanding`."""

    account_ref: str
    product: str
    principal: Money
    interest: Money
    fees: Money
    days_past_due: int
    as_of: date
    default_interest: Money | None = None
    costs: Money | None = None

    @property
    def currency(self) -> str:
        """The one currency of all three parts."""
        return self.principal.currency

    @property
    def outstanding(self) -> Money:
        """Every part together."""
        others = [part for part in (self.default_interest, self.costs) if part is not None]
        return total((self.principal, self.interest, self.fees, *others), self.currency)

    def days_past_due_on(self, day: date) -> int:
        """How overdue the loan is on that day, counted on from the bank's statement; 0 if it is not.

        A day before the statement is judged by the statement itself.
        """
        if self.days_past_due <= 0:
            return 0
        return self.days_past_due + max(0, (day - self.as_of).days)


@dataclass(frozen=True, slots=True)
class ContactAttempt:
    """One attempt to reach the borrower, by the bank or an agency.

    `person`, `household` and `debt` name whom and what it was about; "" is the case's own.
    """

    at: datetime
    channel: Channel
    reached: Reached
    number: str = ""
    by: str = "bank"
    promise_until: date | None = None
    person: str = ""
    household: str = ""
    debt: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money the bank received on the loan."""

    payment_id: str
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time agreed with the borrower; `window` is when the officers must arrive."""

    address_id: str
    window: Window


@dataclass(frozen=True, slots=True)
class Consent:
    """What the borrower allowed: kind `hours`, `enter`, `sensitive_data` or `home_visit`, for a span."""

    kind: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A stop on collection, by whom and since when; lifted only by a person with a reason."""

    hold_id: str
    kind: HoldKind
    since: datetime
    source: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitNotice:
    """A notice of a visit that was given to the borrower: when, and the time it named."""

    notice_id: str
    given_at: datetime
    window: Window


@dataclass(frozen=True, slots=True)
class Case:
    """The whole case file, as the server holds it and (masked) a device in scope gets it.

    The bank owns everything up to `consents`; `holds`, `agreement_state` and `notices` are Fieldsync's
    own and survive every new import. `version` grows by one with each change of either. `skills` is
    what the visiting pair must be trained in, in the bank's own words.
    """

    case_id: str
    branch: str
    borrower: Borrower
    loan: Loan
    addresses: tuple[Address, ...] = ()
    contacts: tuple[ContactAttempt, ...] = ()
    payments: tuple[Payment, ...] = ()
    flags: frozenset[Flag] = frozenset()
    appointment: Appointment | None = None
    consents: tuple[Consent, ...] = ()
    holds: tuple[Hold, ...] = ()
    agreement_state: AgreementState = AgreementState.NONE
    version: int = 1
    notices: tuple[VisitNotice, ...] = ()
    skills: tuple[str, ...] = ()

    def address(self, address_id: str) -> Address | None:
        """The address with this id, or None."""
        return next((a for a in self.addresses if a.address_id == address_id), None)
