"""The conversation about a hardship, guided on a terminal: one prompt, one question, the need first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from agent_cli.terminal_input import said
from fieldsync.conduct.hardship import CARERS, IDEA, TEXAS
from fieldsync.domain.disclosure import SENSITIVE, HardshipCode, Need
from fieldsync.errors import InputError
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import TELLERS
from fieldsync.terminal.output import note, style, table
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import Words

DEBTOR = "debtor"


@dataclass(frozen=True, slots=True)
class Told:
    """What was said so far; what is None or empty was not said yet."""

    needs: tuple[str, ...] = ()
    category: str | None = None
    consent: bool | None = None
    told_by: str | None = None
    words: str = ""
    effect: str = ""
    effect_talking: str = ""
    until: str | None = None
    review_on: str | None = None
    seen: tuple[str, ...] = ()
    copied: tuple[Path, ...] = ()


def ask(told: Told, consent_texts: Sequence[str]) -> Told:
    """The same with what was missing; click.Abort where the officer leaves a question.

    One prompt of the conversation stands before each question: TEXAS and IDEA with the borrower,
    CARERS with anybody else. `consent_texts` are read aloud, in the borrower's language.
    """
    told_by = told.told_by or _teller()
    if told_by != DEBTOR:
        return _ask_other(replace(told, told_by=told_by, consent=False))
    thank, explain, ask_consent, three, _signpost = TEXAS
    _prompts(thank, explain)
    needs = told.needs or _needs()
    consent = told.consent
    if consent is None:
        _prompts(ask_consent)
        consent = _consents(consent_texts)
    category = told.category or _category(sensitive=consent)
    impact, duration, experiences, assistance = IDEA
    _prompts(three, impact)
    effect, talking = told.effect, told.effect_talking
    if consent:
        effect = effect or _line(_("What does it change for paying? (Enter: not recorded)"))
        talking = talking or _line(_("And for talking to us? (Enter: not recorded)"))
    _prompts(duration)
    until = told.until or _until()
    _prompts(experiences, assistance)
    seen = told.seen
    if consent and not seen:
        paper = _line(_("Which paper was shown, if any? (Enter: none)"))
        seen = (paper,) if paper else ()
    return replace(
        told,
        needs=needs,
        category=category,
        consent=consent,
        told_by=told_by,
        effect=effect,
        effect_talking=talking,
        until=until,
        seen=seen,
    )


def say_signpost(*, by_debtor: bool) -> None:
    """How the conversation ends, once everything is recorded."""
    _prompts((TEXAS if by_debtor else CARERS)[-1])


def _ask_other(told: Told) -> Told:
    """Nobody can consent for the borrower, so whoever else tells it is not asked to."""
    *before, record_only, _sum_up = CARERS
    _prompts(*before)
    needs = told.needs or _needs()
    _prompts(record_only)
    category = told.category or _category(sensitive=False)
    return replace(told, needs=needs, category=category, until=told.until or _until())


def _prompts(*lines: Words) -> None:
    for line in lines:
        note(style(render(line), bold=True))


def _consents(texts: Sequence[str]) -> bool:
    """Whether the borrower says yes to the text."""
    *others, last = texts
    for text in others:
        note(text)
    return click.confirm(last, default=False, err=True)


def _teller() -> str:
    note(table([(code, render(name)) for code, name in TELLERS.items()], (_("Code"), _("Who"))))
    answer: str = click.prompt(
        _("Who told you?"),
        default=DEBTOR,
        type=click.Choice(tuple(TELLERS)),
        show_choices=False,
        err=True,
    )
    return answer


def _needs() -> tuple[str, ...]:
    rows = [(need.value, render(name_of(need))) for need in Need]
    note(table(rows, (_("Code"), _("Need"))))
    question = _("What does the person need? (codes, with spaces)")
    answer: tuple[str, ...] = click.prompt(question, value_proc=_read_needs, err=True)
    return answer


def _read_needs(text: str) -> tuple[str, ...]:
    """The needs typed; click asks again where one is unknown."""
    found = tuple(dict.fromkeys(text.lower().replace(",", " ").replace("，", " ").split()))
    unknown = [word for word in found if word not in set(Need)]
    if unknown or not found:
        raise click.BadParameter(_("Unknown need: {needs}.", needs=", ".join(unknown) or "-"))
    return found


def _category(*, sensitive: bool) -> str | None:
    allowed = [code for code in HardshipCode if sensitive or code not in SENSITIVE]
    rows = [(code.value, render(name_of(code))) for code in allowed]
    note(table(rows, (_("Code"), _("What happened"))))
    answer: str = click.prompt(
        _("What happened? (Enter: not recorded)"),
        default="",
        type=click.Choice(["", *(code.value for code in allowed)], case_sensitive=False),
        show_choices=False,
        show_default=False,
        err=True,
    )
    return answer or None


def _line(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer.strip()


def _until() -> str | None:
    answer: str = click.prompt(
        _("How long may it last? (YYYY-MM-DD, Enter: not known)"),
        default="",
        value_proc=_read_until,
        show_default=False,
        err=True,
    )
    return answer or None


def _read_until(text: str) -> str:
    """A day or nothing; click asks again where it is neither."""
    try:
        return typed_day(text.strip()).isoformat() if text.strip() else ""
    except InputError as error:
        raise click.BadParameter(said(error)) from error
