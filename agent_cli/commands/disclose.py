"""`fieldsync disclose`: record that somebody told of a hardship; collection stops at once."""

from dataclasses import replace
from pathlib import Path

import click

from agent_cli.actions import disclose as action
from agent_cli.actions.disclose import Recorded
from agent_cli.config import Options
from agent_cli.context import DeviceContext, open_device
from agent_cli.disclosure_asked import DEBTOR, Told, ask, say_signpost
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.conduct.consent import PURPOSE, TEXT_VERSION, TEXTS, languages_read
from fieldsync.domain.case import Borrower
from fieldsync.domain.disclosure import Disclosure, HardshipCode, Need, SensitiveConsent
from fieldsync.errors import InputError
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import TELLERS
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.named_codes import NamedCode
from fieldsync.terminal.output import listed, note, say
from fieldsync.terminal.typed_day import typed_day
from fieldsync.words import words


@click.command(
    cls=ExampleCommand,
    help=_("Record a hardship: what the person needs first, a diagnosis only with consent."),
    examples=(
        "fieldsync disclose NS-0001 --need time --need lower_payments",
        "fieldsync disclose NS-0001 --need time --category ILLNESS_SELF --consent --until 2027-03-01",
        "fieldsync disclose NS-0001 --need time --consent --copied diagnosis.jpg",
        "fieldsync disclose NS-0001 --withdraw-consent",
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
    help=_("What it changes for paying; only with consent."),
)
@click.option(
    "--effect-talking",
    default="",
    metavar="TEXT",
    help=_("What it changes for talking to us; only with consent."),
)
@click.option("--until", metavar="YYYY-MM-DD", help=_("How long it may last."))
@click.option(
    "--review-on",
    metavar="YYYY-MM-DD",
    help=_("When to look at it again; by default when it may be over, within three months."),
)
@click.option(
    "--seen",
    multiple=True,
    metavar="PAPER",
    help=_("A paper that was shown, not copied; only with consent."),
)
@click.option(
    "--copied",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("The photo or scan of a paper, sealed to the hardship team; only with consent."),
)
@click.option(
    "--withdraw-consent",
    is_flag=True,
    help=_("The person takes the consent back: what was sealed is deleted, the need stays."),
)
@click.pass_obj
def command(options: Options, /, case_id: str, *, withdraw_consent: bool, **given: object) -> None:
    """Record a hardship."""
    said = Told(**given)  # type: ignore[arg-type]  # click has checked each by the option's type
    with open_device(options) as ctx:
        mark_training(ctx)
        if withdraw_consent:
            _withdraw(ctx, case_id, said)
            return
        case = cases.load_case(ctx.conn, case_id)
        said, is_asked = _whole(options, said, case.borrower)
        recorded = action.disclose(ctx, _built(ctx, case_id, said, case.borrower), said.copied)
        say(
            _(
                "Recorded. Collection on {case_id} ({name}) has stopped.",
                case_id=case_id,
                name=case.borrower.name,
            )
        )
        _say_kept(recorded, said)
        if is_asked:
            say_signpost(by_debtor=said.told_by == DEBTOR)
        note(
            _(
                "Next: `fieldsync quote {case_id}` if they wish for a plan, or `fieldsync today`.",
                case_id=case_id,
            )
        )


def _say_kept(recorded: Recorded, said: Told) -> None:
    """What became of each part of what was said."""
    kept = recorded.disclosure
    say(_("Kept: {needs}.", needs=listed(render(name_of(need)) for need in kept.needs)))
    if kept.category is not None:
        say(_("Category: {category}.", category=name_of(kept.category)))
    if recorded.is_sealed:
        say(_("Sealed: only the hardship team reads the rest, this device does not either."))
    if kept.review_on is not None:
        say(_("To be looked at again on {day}.", day=kept.review_on.isoformat()))
    if recorded.lacks_key:
        note(
            _(
                "Only the need was kept: this device has no key of the hardship team yet. Run"
                " `fieldsync sync`, then record the rest again."
            )
        )
    if kept.consent is None and (said.words or said.effect or said.effect_talking or said.seen):
        note(_("Without consent the words, the effect and the papers seen were not kept."))
    if kept.evidence_copied:
        note(_("Delete your own copies of the papers now; the sealed ones are enough."))


def _withdraw(ctx: DeviceContext, case_id: str, said: Told) -> None:
    """InputError 422.525 where something is to be recorded in the same breath."""
    if said != Told():
        raise InputError(
            "422.525",
            words("--withdraw-consent stands alone."),
            words("Record what was told with a command of its own."),
        )
    action.withdraw_consent(ctx, case_id)
    say(_("Recorded. The office deletes what was sealed for {case_id}.", case_id=case_id))
    note(_("The need stays, and collection stays stopped."))


def _whole(options: Options, said: Told, borrower: Borrower) -> tuple[Told, bool]:
    """What was said, the rest asked for where a person can answer; and whether it was asked."""
    read = languages_read(borrower.language)
    if said.needs or not may_ask(options):
        if said.consent:
            for tag in read:
                text = render(TEXTS[TEXT_VERSION], tag)
                note(_("Consent text {version}: {text}", version=TEXT_VERSION, text=text))
        return replace(said, told_by=said.told_by or DEBTOR), False
    try:
        return ask(said, [render(TEXTS[TEXT_VERSION], tag) for tag in read]), True
    except (click.Abort, KeyboardInterrupt):
        note("")
        note(_("You left before the end: nothing was recorded, and collection was not stopped."))
        raise


def _built(ctx: DeviceContext, case_id: str, said: Told, borrower: Borrower) -> Disclosure:
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
        effect_talking=said.effect_talking,
        expected_until=typed_day(said.until) if said.until else None,
        review_on=typed_day(said.review_on) if said.review_on else None,
        evidence_seen=said.seen,
        consent=_consent(ctx, borrower) if said.consent else None,
    )


def _consent(ctx: DeviceContext, borrower: Borrower) -> SensitiveConsent:
    """Which text was read, in the borrower's language where we have it."""
    tag = languages_read(borrower.language)[0]
    return SensitiveConsent(TEXT_VERSION, ctx.clock.now(), render(PURPOSE, tag), tag)
