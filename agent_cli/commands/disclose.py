"""`fieldsync disclose`: record that somebody told of a hardship; collection stops at once."""

from dataclasses import replace

import click

from agent_cli.actions.disclose import (
    CONSENT_PURPOSE,
    CONSENT_TEXT,
    CONSENT_TEXT_VERSION,
    disclose,
)
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.disclosure_asked import DEBTOR, Told, ask
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.domain.disclosure import Disclosure, HardshipCode, Need, SensitiveConsent
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import TELLERS
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import listed, note, say
from fieldsync.terminal.typed_day import typed_day


@click.command(
    cls=ExampleCommand,
    help=_("Record a hardship: what the person needs first, a diagnosis only with consent."),
    examples=(
        "fieldsync disclose NS-0001 --need time --need lower_payments",
        "fieldsync disclose NS-0001 --need time --category ILLNESS_SELF --consent --until 2027-03-01",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option(
    "--need",
    "needs",
    multiple=True,
    metavar="CODE",
    type=NamedCode(Need),
    help=_("What the person needs, once or several times; `--need list` shows every code."),
)
@click.option(
    "--category",
    metavar="CODE",
    type=NamedCode(HardshipCode),
    help=_("What happened; `--category list` shows every code."),
)
@click.option(
    "--consent/--no-consent",
    default=None,
    help=_("Whether the person agreed that a private fact is kept."),
)
@click.option(
    "--told-by",
    type=click.Choice(tuple(TELLERS)),
    help=_("Who told us; the debtor where left out."),
)
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
    said = Told(**given)  # type: ignore[arg-type]  # click has checked each by the option's type
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        said = _whole(options, said)
        kept, _hold = disclose(ctx, _built(ctx, case_id, said))
        say(
            _(
                "Recorded. Collection on {case_id} ({name}) has stopped.",
                case_id=case_id,
                name=case.borrower.name,
            )
        )
        say(_("Kept: {needs}.", needs=listed(render(name_of(need)) for need in kept.needs)))
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


def _whole(options: Options, said: Told) -> Told:
    """What was said, the rest asked for where a person can answer."""
    if said.needs or not may_ask(options):
        if said.consent:
            note(
                _("Consent text {version}: {text}", version=CONSENT_TEXT_VERSION, text=CONSENT_TEXT)
            )
        return replace(said, told_by=said.told_by or DEBTOR)
    try:
        return ask(said, render(CONSENT_TEXT))
    except (click.Abort, KeyboardInterrupt):
        note("")
        note(_("You left before the end: nothing was recorded, and collection was not stopped."))
        raise


def _built(ctx: DeviceContext, case_id: str, said: Told) -> Disclosure:
    now = ctx.clock.now()
    return Disclosure(
        disclosure_id=ctx.new_id(),
        case_id=case_id,
        visit_id=None,
        at=now,
        told_by=said.told_by or DEBTOR,
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
