"""Lays out an agreement's document as ready strings, in the borrower's language and the bank's."""

from collections.abc import Callable
from typing import Any

from fieldsync.agreements.clauses import clauses
from fieldsync.agreements.facts import TEMPLATE_VERSION, DocumentFacts
from fieldsync.agreements.summary import summary
from fieldsync.agreements.wording import amount, figure, percent, rate_and_method
from fieldsync.domain.masking import mask_number
from fieldsync.domain.money import total
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
        "reference": speaker.say(_reference(facts)),
        "summary_head": speaker.say(words("In plain words")),
        "summary": [speaker.say(sentence) for sentence in summary(facts)],
        "parties_head": speaker.say(words("Who agrees")),
        "parties": speaker.pairs(_parties(facts)),
        "debt_head": speaker.say(
            words("The debt on {day}", day=facts.quote.debt.as_of.isoformat())
        ),
        "debt": speaker.pairs(_debt(facts)),
        "plan_head": speaker.say(words("The plan")),
        "plan": speaker.pairs(_plan(facts)),
        "schedule_head": speaker.say(
            words("Instalments in {currency}", currency=facts.quote.financed.currency)
        ),
        "schedule_columns": [speaker.say(name) for name in _COLUMNS],
        "schedule": _schedule(facts),
        "schedule_total": [speaker.say(words("Total")), *_totals(facts)],
        "clauses_head": speaker.say(words("What applies")),
        "clauses": speaker.pairs(clauses(facts)),
        "signatures_head": speaker.say(words("Signed")),
        "signed": speaker.say(_signed(facts)),
        "debtor": speaker.say(words("Borrower")),
        "debtor_name": facts.debtor_name,
        "collectors": speaker.say(words("Collectors, as witnesses for the bank")),
        "witnesses": [[who.name, who.officer_id] for who in facts.witnesses],
    }


_COLUMNS = (
    words("No."),
    words("Due"),
    words("Principal"),
    words("Interest"),
    words("To pay"),
    words("Left to pay"),
)


def _reference(facts: DocumentFacts) -> Words:
    return words(
        "No. {id}, version {version}, form {template}, {languages}",
        id=facts.agreement_id,
        version=facts.version,
        template=TEMPLATE_VERSION,
        languages=" + ".join(facts.languages),
    )


def _parties(facts: DocumentFacts) -> tuple[tuple[Words, Words | str], ...]:
    return (
        (words("Lender"), facts.lender.name),
        (words("Branch"), facts.branch),
        (words("Borrower"), facts.debtor_name),
        (words("Identity number"), mask_number(facts.debtor_id_number) or "-"),
        (words("Address"), facts.address or "-"),
        (words("Account"), facts.account_ref),
    )


def _debt(facts: DocumentFacts) -> tuple[tuple[Words, Words | str], ...]:
    debt = facts.quote.debt
    return (
        (words("Principal"), figure(debt.principal)),
        (words("Interest"), figure(debt.interest)),
        (words("Fees"), figure(debt.fees)),
        (words("Total"), amount(facts.quote.financed)),
    )


def _plan(facts: DocumentFacts) -> tuple[tuple[Words, Words | str], ...]:
    quote = facts.quote
    return (
        (words("Kind"), facts.kind_name),
        (words("Instalments"), words("{count}, monthly", count=quote.terms.months)),
        (words("First due"), quote.terms.first_due.isoformat()),
        (words("Interest rate"), percent(quote.terms.yearly_rate)),
        (words("Annualised rate"), rate_and_method(quote)),
        (words("Total to pay"), amount(quote.total_payable)),
    )


def _schedule(facts: DocumentFacts) -> list[list[str]]:
    return [
        [
            str(row.number),
            row.due.isoformat(),
            figure(row.principal),
            figure(row.interest),
            figure(row.amount),
            figure(row.balance),
        ]
        for row in facts.quote.instalments
    ]


def _totals(facts: DocumentFacts) -> list[str]:
    quote = facts.quote
    interest = total([row.interest for row in quote.instalments], quote.financed.currency)
    return [figure(quote.financed), figure(interest), figure(quote.total_payable)]


def _signed(facts: DocumentFacts) -> Words:
    moment = facts.signed_at.strftime("%Y-%m-%d %H:%M %z")
    return words(
        "At {place}, on {moment}. The borrower has read this document or had it read out.",
        place=facts.place or facts.branch,
        moment=moment,
    )
