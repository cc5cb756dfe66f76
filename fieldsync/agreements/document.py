"""Lays out an agreement's document as ready strings, in the borrower's language and the bank's."""

from collections.abc import Callable
from typing import Any

from fieldsync.agreements.clauses import clauses
from fieldsync.agreements.document_parts import (
    columns,
    debt,
    parties,
    plan,
    reference,
    schedule,
    totals,
)
from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.summary import summary
from fieldsync.agreements.yearly_rates import yearly_rates
from fieldsync.domain.agreement import Standing
from fieldsync.words import Words, words

# Turns a sentence into text in a language; `fieldsync.locale.render` at the edge.
Render = Callable[[Words, str], str]
Text = dict[str, str]


class _Speaker:
    """Says each sentence in the document's languages: `main`, and `other` where there is a second."""

    def __init__(self, render: Render, languages: tuple[str, ...]) -> None:
        self._render = render
        self._languages = languages

    def say(self, sentence: Words | str) -> Text:
        """Text in both languages; a plain string, and one that reads the same twice, is said once."""
        if isinstance(sentence, str):
            return {"main": sentence, "other": ""}
        said = [self._render(sentence, tag) for tag in self._languages]
        other = said[1] if len(said) > 1 and said[1] != said[0] else ""
        return {"main": said[0], "other": other}

    def pairs(self, rows: tuple[tuple[Words, Words | str], ...]) -> list[list[Text]]:
        """Rows of a name and its value."""
        return [[self.say(name), self.say(value)] for name, value in rows]


def document_data(facts: DocumentFacts, render: Render) -> dict[str, Any]:
    """The document as JSON-ready strings; keys are what `agreement.typ` reads.

    Every text is `{"main", "other"}`: the borrower's language, and the bank's where it differs.
    """
    speaker = _Speaker(render, facts.languages)
    return {
        "languages": list(facts.languages),
        "title": speaker.say(words("Instalment agreement")),
        "banner": speaker.say(_banner(facts)),
        "reference": speaker.say(reference(facts)),
        "summary_head": speaker.say(words("In plain words")),
        "summary": [speaker.say(sentence) for sentence in summary(facts)],
        "parties_head": speaker.say(words("Who agrees")),
        "parties": speaker.pairs(parties(facts)),
        "debt_head": speaker.say(
            words("The debt on {day}", day=facts.quote.debt.as_of.isoformat())
        ),
        "debt": speaker.pairs(debt(facts)),
        "plan_head": speaker.say(words("The plan")),
        "plan": speaker.pairs(plan(facts)),
        "plan_cost_rows": 4 if any(yearly_rates(facts.quote).values()) else 3,
        "schedule_head": speaker.say(
            words("Instalments in {currency}", currency=facts.quote.financed.currency)
        ),
        "schedule_columns": [speaker.say(name) for name in columns(facts.quote)],
        "schedule": schedule(facts.quote),
        "schedule_total": [speaker.say(words("Total")), *totals(facts.quote)],
        "clauses_head": speaker.say(words("What applies")),
        "clauses": speaker.pairs(clauses(facts)),
        "signatures_head": speaker.say(words("Signed")),
        "signed": speaker.say(_signed(facts)),
        "debtor": speaker.say(words("Borrower")),
        "debtor_name": facts.debtor_name,
        "collectors": speaker.say(words("Collectors, as witnesses for the bank")),
        "verification": speaker.pairs(_verification(facts)),
        "witnesses": [[who.name, who.officer_id] for who in facts.witnesses],
    }


def _banner(facts: DocumentFacts) -> Words | str:
    """What stands across the head of an agreement that binds nobody yet."""
    if facts.standing is Standing.SIGNED:
        return ""
    return words("PROPOSAL: it binds nobody until the bank has approved it and told you so.")


def _verification(facts: DocumentFacts) -> tuple[tuple[Words, Words | str], ...]:
    """The code that the copy carries, and where it is looked up; nothing on a draft."""
    if not facts.verification_code:
        return ()
    return (
        (words("Verification code"), facts.verification_code),
        (words("Look it up at"), facts.verification_url),
    )


def _signed(facts: DocumentFacts) -> Words:
    moment = facts.signed_at.strftime("%Y-%m-%d %H:%M %z")
    return words(
        "At {place}, on {moment}. The borrower has read this document or had it read out.",
        place=facts.place or facts.branch,
        moment=moment,
    )
