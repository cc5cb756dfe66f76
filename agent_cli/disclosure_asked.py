"""The conversation about a hardship, guided on a terminal: listen, the need, consent, then how long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    until: str | None = None
    seen: tuple[str, ...] = ()


def ask(told: Told, consent_text: str) -> Told:
    """The same with what was missing; click.Abort where the officer leaves a question."""
    told_by = told.told_by or _teller()
    by_debtor = told_by == DEBTOR
    _guide(_("Listen first:"), TEXAS if by_debtor else CARERS)
    needs = told.needs or _needs()
    consent = told.consent
    if consent is None:
        # Nobody can consent for the borrower, and whoever else tells it is not asked to.
        consent = by_debtor and click.confirm(consent_text, default=False, err=True)
    category = told.category or _category(sensitive=consent)
    if by_debtor:
        _guide(_("Understand it together:"), IDEA)
    effect = told.effect or (_effect() if consent else "")
    until = told.until or _until()
    return replace(
        told,
        needs=needs,
        category=category,
        consent=consent,
        told_by=told_by,
        effect=effect,
        until=until,
    )


def _guide(title: str, lines: Sequence[Words]) -> None:
    note(style(title, bold=True))
    for line in lines:
        note(f"  - {render(line)}")


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


def _effect() -> str:
    answer: str = click.prompt(
        _("What does it change for paying or talking? (Enter: not recorded)"),
        default="",
        show_default=False,
        err=True,
    )
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
