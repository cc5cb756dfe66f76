"""Money as integer minor units with its currency; binary floating point never holds an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "JOD": 3,
    "TND": 3,
}
_DEFAULT_EXPONENT = 2


def exponent(currency: str) -> int:
    """How many decimal places the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, _DEFAULT_EXPONENT)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (fen, cents) of one ISO 4217 currency."""

    amount_minor: int
    currency: str = "CNY"

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read a plain decimal such as "12345.60"; ValueError if it is none or has too many places."""
        try:
            scaled = Decimal(text.strip()).scaleb(exponent(currency))
        except InvalidOperation as error:
            raise ValueError(f"{text!r} is not an amount") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{text!r} is not an amount in {currency} minor units")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount_minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __str__(self) -> str:
        return f"{self.decimal:,.{exponent(self.currency)}f} {self.currency}"

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum, in `currency` even when there is nothing to add."""
    return sum(amounts, Money(0, currency))
