"""What an officer may offer without asking, as the server signs it and the device checks it offline."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from fieldsync.domain.agreement import Component, PlanKind, PlanRules
from fieldsync.domain.codec import from_json, to_json

# The server's receipt key signs this + the mandate's text.
MANDATE_TAG = b"fieldsync/mandate/1\x00"
# The name of the feed row that carries {"text", "sig"}: `server:mandate`.
MANDATE_NAME = "mandate"
# Nobody is asked for less than a unit of money (docs/explanation/agreements.md).
LEAST_INSTALMENT = Decimal(1)


def _usual_waiver() -> dict[Component, Decimal]:
    return {Component.DEFAULT_INTEREST: Decimal(1), Component.FEES: Decimal(1)}


@dataclass(frozen=True, slots=True)
class Mandate:
    """What an officer may offer without asking. Rates are fractions a year, shares fractions of a part.

    `max_months` is the officer's, `law_months` the law's: what lies between may be proposed and needs
    an approval. `min_instalment` is in major units of the debt's currency; `max_yearly_rate` holds for
    interest and fees together; `usual_yearly_rate` is what a quote assumes when no rate is named and
    the kind bears interest. `max_waiver` leaves out what nothing may be given up of.
    """

    name: str = "house"
    kinds: frozenset[PlanKind] = frozenset(PlanKind)
    max_months: int = 60
    law_months: int = 60
    min_instalment: Decimal = LEAST_INSTALMENT
    min_down_payment: Decimal = Decimal(0)
    max_waiver: Mapping[Component, Decimal] = field(default_factory=_usual_waiver)
    max_grace_months: int = 6
    max_yearly_rate: Decimal = Decimal("0.1825")
    usual_yearly_rate: Decimal = Decimal("0.06")
    first_due_within_days: int = 60
    rules: PlanRules = field(default_factory=PlanRules)


# The house default (docs/explanation/agreements.md): sixty months is the limit for cards (Credit-card
# business measures 2011, art. 70); 18.25 % is 0.05 % a day, the card business's long-standing ceiling.
HOUSE_MANDATE = Mandate()


def frozen(mandate: Mandate) -> Mandate:
    """The same while interest and fees stand still (breathing space, SI 2020/1311 reg. 7).

    No plan may add any.
    """
    return replace(mandate, max_yearly_rate=Decimal(0), usual_yearly_rate=Decimal(0))


def mandate_text(mandate: Mandate) -> str:
    """The text that is signed."""
    return to_json(mandate)


def read_mandate(text: str) -> Mandate:
    """What `mandate_text` wrote; msgspec.ValidationError where it does not fit."""
    return from_json(text, Mandate)
