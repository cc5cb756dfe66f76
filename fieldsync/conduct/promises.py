"""Whether a promise to pay can be meant as it was written down: a day to come, and a sum that is owed."""

from datetime import date, datetime

from fieldsync.domain.money import Money
from fieldsync.words import Words, words


def doubtful_day(day: date, said_at: datetime) -> Words | None:
    """What is wrong with the promised day, told at `said_at` (aware, local); None where nothing is.

    Today is a good day: people pay on the spot, or in the evening.
    """
    said_on = said_at.date()
    if day >= said_on:
        return None
    return words(
        "The promised day {day} was over on {said_on}, when the promise was made.",
        day=day.isoformat(),
        said_on=said_on.isoformat(),
    )


def doubtful_sum(amount: Money, owed: Money) -> Words | None:
    """What is wrong with the promised sum; None where it is no more than is owed."""
    if amount.currency == owed.currency and amount <= owed:
        return None
    return words("{amount} is more than is owed ({owed}).", amount=amount, owed=owed)
