"""A disclosure of hardship: what may be kept of it, the hold and the review it brings, how to listen.

TEXAS, IDEA and CARERS are the conversation protocols of the Money Advice Trust (UK), shortened so
that they fit a doorstep.
"""

from dataclasses import replace
from datetime import date, timedelta

from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.disclosure import SENSITIVE, Disclosure
from fieldsync.words import Words, words

_REVIEW_UNKNOWN = timedelta(days=30)
_REVIEW_MOST = timedelta(days=90)

TEXAS: tuple[Words, ...] = (
    words("Thank them: “Thank you for telling me. It helps us help you.”"),
    words(
        "Explain: what they say is kept as short as possible, and only the hardship team reads it."
    ),
    words("Ask for explicit consent before you write down anything about health."),
    words(
        "Ask three questions: does it make paying harder? does it make talking to us harder? what "
        "would help?"
    ),
    words("Signpost and sum up: say who can help, and what happens next. Collection stops today."),
)
IDEA: tuple[Words, ...] = (
    words("Impact: what does it change for them from day to day?"),
    words("Duration: how long has it lasted, and how long may it last?"),
    words("Experiences: has it happened before, and what helped then?"),
    words("Assistance: is anybody helping them, and what do they need from us?"),
)
CARERS: tuple[Words, ...] = (
    words("Check whether this person may speak for the borrower."),
    words("Avoid any detail of the case: not even that there is one."),
    words("Reassure them: what they say will be taken seriously, and treated with care."),
    words("Explain that you may listen, although you may not answer."),
    words("Record only what is needed, and who said it."),
    words("Sum up what they told you, and say what happens next."),
)


def minimise(disclosure: Disclosure) -> Disclosure:
    """The disclosure as it may be kept (PIPL arts. 6 and 28-30).

    Without consent to sensitive data the need stays, while a sensitive category, the words, the
    effect and the papers seen, any of which may tell a diagnosis, go.
    """
    if disclosure.consent is not None:
        return disclosure
    category = None if disclosure.category in SENSITIVE else disclosure.category
    return replace(
        disclosure,
        category=category,
        words="",
        effect="",
        effect_talking="",
        evidence_seen=(),
        evidence_copied=(),
        sealed="",
    )


def hold_for(disclosure: Disclosure, hold_id: str) -> Hold:
    """The hold that begins the moment hardship was told; it has no end but a person's decision."""
    return Hold(
        hold_id=hold_id,
        kind=HoldKind.HARDSHIP,
        since=disclosure.at,
        source=f"disclosure:{disclosure.disclosure_id}",
    )


def review_day(told_on: date, expected_until: date | None) -> date:
    """When to look again: at the end of what was expected, within a quarter; a month where unknown."""
    if expected_until is None:
        return told_on + _REVIEW_UNKNOWN
    return max(told_on + timedelta(days=1), min(expected_until, told_on + _REVIEW_MOST))
