"""The facts a rule may look at: what is to be done, when, where, by whom, and what is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fieldsync.domain.calendar import Window
from fieldsync.domain.case import AgreementState, Consent, ContactAttempt, Flag, Hold
from fieldsync.domain.place import AddressKind


class Action(StrEnum):
    """What somebody is about to do, or is doing."""

    VISIT_START = "visit.start"
    VISIT_ENTER = "visit.enter"
    VISIT_CONTINUE = "visit.continue"
    CALL_PLACE = "call.place"
    MESSAGE_SEND = "message.send"
    THIRD_PARTY_CONTACT = "third_party.contact"
    RECORD_PURGE = "record.purge"
    CASH_TAKE = "cash.take"
    SENSITIVE_RECORD = "sensitive.record"


# What reaches somebody: an action that must fail closed where no hour can be judged.
CONTACTING = frozenset(
    {
        Action.VISIT_START,
        Action.VISIT_ENTER,
        Action.CALL_PLACE,
        Action.MESSAGE_SEND,
        Action.THIRD_PARTY_CONTACT,
    }
)


class Situation(StrEnum):
    """What was said or seen at the door that the rules ask about."""

    ASKED_TO_LEAVE = "asked_to_leave"
    DISTRESS = "distress"
    LACKS_CAPACITY = "lacks_capacity"
    MINOR_ALONE = "minor_alone"
    UNSAFE = "unsafe"
    AGREED_AT_DOOR = "agreed_at_door"
    FORBEARANCE_OFFERED = "forbearance_offered"
    RESIDENCE_TRIED = "residence_tried"
    CHOSEN_PLACE = "chosen_place"
    OTHER_PLACE_CHOSEN = "other_place_chosen"
    BY_AGENCY = "by_agency"
    CONTACT_UNRECORDED = "contact_unrecorded"


class Manner(StrEnum):
    """Ways of collecting that no rule book allows, when somebody reports them."""

    PUBLIC_NOTICE = "public_notice"
    EXTRA_FEE = "extra_fee"
    NEW_LOAN = "new_loan"
    IMPERSONATION = "impersonation"
    PRIVATE_CHANNEL = "private_channel"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the borrower is; hours are judged in `zone`, packs chosen by country and subdivision.

    `known_invalid` is also set where no address is known at all.
    """

    zone: str = "Asia/Shanghai"
    kind: AddressKind = AddressKind.HOME
    country: str = "CN"
    subdivision: str = ""
    known_invalid: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of a visit: when it was given, and the time it named."""

    given_at: datetime
    visit_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything one judgement rests on. Every datetime is aware.

    `officers` are the ids of those checked in (or planned); `number` is the one to be dialled;
    `person`, `household` and `debt` are whom and what this is about, "" for the case's own;
    `debt_facts` is what the words meant for a third party would tell of the debt (`third_party`);
    `days_past_due` is None where nobody knows it; `record_at` is when the record to be purged was
    made; `allowance` holds what a server granted of caps that several agencies share, by cap: a cap
    that is not in it is spent (fail closed), while None says that the whole history is known here;
    `situations` is what was said or seen at the door;
    `appointment` is the time the borrower chose, `appointment_here` whether for this place;
    `clock_plausible` is False when the device's clock cannot be believed.
    """

    action: Action
    at: datetime
    place: Place = field(default_factory=Place)
    officers: tuple[str, ...] = ()
    flags: frozenset[Flag] = frozenset()
    consents: tuple[Consent, ...] = ()
    history: tuple[ContactAttempt, ...] = ()
    agreement: AgreementState = AgreementState.NONE
    notice: Notice | None = None
    holds: tuple[Hold, ...] = ()
    allowance: Mapping[str, int] | None = None
    appointment: Window | None = None
    appointment_here: bool = True
    days_past_due: int | None = None
    identity_shown: bool = False
    number: str = ""
    person: str = ""
    household: str = ""
    debt: str = ""
    number_invalid: bool = False
    debt_facts: tuple[str, ...] = ()
    manners: frozenset[Manner] = frozenset()
    situations: frozenset[Situation] = frozenset()
    record_at: datetime | None = None
    clock_plausible: bool = True
