"""`fieldsync disclose`: record that somebody told of a hardship; collection stops at once."""

from dataclasses import dataclass

import click

from agent_cli.actions.disclose import (
    CONSENT_PURPOSE,
    CONSENT_TEXT,
    CONSENT_TEXT_VERSION,
    disclose,
)
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.conduct.hardship import CARERS, TEXAS
from fieldsync.domain.disclosure import (
    SENSITIVE,
    Disclosure,
    HardshipCode,
    Need,
    SensitiveConsent,
)
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, table
from fieldsync.terminal.typed_day import typed_day

_TELLERS = ("debtor", "spouse", "family", "colleague", "other")


@dataclass(frozen=True, slots=True)
class _Said:
    """What was given on the command line."""

    needs: tuple[str, ...]
    category: str | None
    consent: bool | None
    told_by: str
    words: str
    effect: str
    until: str | None
    seen: tuple[str, ...]


@click.command(
    cls=ExampleCommand,
    help=_("Record a hardship: what the person needs first, a diagnosis only with consent."),
    examples=(
        "fieldsync disclose C-000123 --need time --need lower_payments",
        "fieldsync disclose C-000123 --need time --category ILLNESS_SELF --consent --until 2027-03-01",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--need",
    "needs",
    multiple=True,
    type=click.Choice([need.value for need in Need]),
    help=_("What the person needs; may be given several times."),
)
@click.option(
    "--category",
    metavar="CODE",
    type=click.Choice([code.value for code in HardshipCode]),
    help=_("What happened (docs/reference/codes.md)."),
)
@click.option(
    "--consent/--no-consent",
    default=None,
    help=_("Whether the person agreed that a private fact is kept."),
)
@click.option("--told-by", type=click.Choice(_TELLERS), default="debtor", help=_("Who told us."))
@click.option(
    "--words", default="", metavar="TEXT", help=_("What was said, in few words; only with consent.")
)
@click.option(
    "--effect",
    default="",
    metavar="TEXT",
    help=_("What it changes for paying or talking; only with consent."),
)
@click.option("--until", metavar="YYYY-MM-DD", help=_("How long it may last."))
@click.option(
    "--seen",
    multiple=True,
    metavar="PAPER",
    help=_("A paper that was shown, not copied; only with consent."),
)
@click.pass_obj
def command(options: Options, /, case_id: str, **given: object) -> None:
    """Record a hardship."""
    said = _Said(**given)  # type: ignore[arg-type]  # click has checked each by the option's type
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        disclosure = (
            _asked(ctx, case_id, said) if _must_ask(options, said) else _built(ctx, case_id, said)
        )
        kept, _hold = disclose(ctx, disclosure)
        say(
            _(
                "Recorded. Collection on {case_id} ({name}) has stopped.",
                case_id=case_id,
                name=case.borrower.name,
            )
        )
        say(_("Kept: {needs}.", needs=", ".join(render(name_of(need)) for need in kept.needs)))
        if kept.category is not None:
            say(_("Category: {category}.", category=name_of(kept.category)))
        if kept.consent is None and (said.words or said.effect or said.seen):
            note(_("Without consent the words, the effect and the papers seen were not kept."))
        note(
            _(
                "Next: `fieldsync quote {case_id}` if they wish for a plan, or `fieldsync today`.",
                case_id=case_id,
            )
        )


def _must_ask(options: Options, said: _Said) -> bool:
    return not said.needs and may_ask(options)


def _asked(ctx: DeviceContext, case_id: str, said: _Said) -> Disclosure:
    """The conversation, guided: TEXAS with the borrower, CARERS with somebody else."""
    for line in TEXAS if said.told_by == "debtor" else CARERS:
        note(f"- {render(line)}")
    note(table([(need.value, render(name_of(need))) for need in Need], (_("Code"), _("Need"))))
    typed = click.prompt(
        _("What does the person need? (codes, with spaces)"), value_proc=_needs, err=True
    )
    agreed = said.consent
    if agreed is None:
        agreed = click.confirm(render(CONSENT_TEXT), default=False, err=True)
    category = said.category
    if category is None:
        allowed = [code for code in HardshipCode if agreed or code not in SENSITIVE]
        note(
            table(
                [(code.value, render(name_of(code))) for code in allowed],
                (_("Code"), _("What happened")),
            )
        )
        choice = click.Choice(["", *(code.value for code in allowed)], case_sensitive=False)
        category = click.prompt(
            _("What happened? (Enter: not recorded)"),
            default="",
            type=choice,
            show_choices=False,
            show_default=False,
            err=True,
        )
    return _built(
        ctx,
        case_id,
        _Said(
            typed,
            category or None,
            agreed,
            said.told_by,
            said.words,
            said.effect,
            said.until,
            said.seen,
        ),
    )


def _needs(text: str) -> tuple[str, ...]:
    """The needs typed; click asks again where one is unknown."""
    found = tuple(dict.fromkeys(text.replace(",", " ").split()))
    unknown = [word for word in found if word not in set(Need)]
    if unknown or not found:
        raise click.BadParameter(_("Unknown need: {needs}.", needs=", ".join(unknown) or "-"))
    return found


def _built(ctx: DeviceContext, case_id: str, said: _Said) -> Disclosure:
    now = ctx.clock.now()
    if said.consent:
        note(_("Consent text {version}: {text}", version=CONSENT_TEXT_VERSION, text=CONSENT_TEXT))
    return Disclosure(
        disclosure_id=ctx.new_id(),
        case_id=case_id,
        visit_id=None,
        at=now,
        told_by=said.told_by,
        needs=tuple(Need(need) for need in dict.fromkeys(said.needs)),
        category=HardshipCode(said.category) if said.category else None,
        words=said.words,
        effect=said.effect,
        expected_until=typed_day(said.until) if said.until else None,
        evidence_seen=said.seen,
        consent=SensitiveConsent(CONSENT_TEXT_VERSION, now, render(CONSENT_PURPOSE, language()))
        if said.consent
        else None,
    )
