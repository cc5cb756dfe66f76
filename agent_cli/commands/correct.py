"""`fieldsync correct`: propose that an address, a telephone number or the person is wrong."""

import click

from agent_cli.actions.office_matters import propose
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.store import cases
from agent_cli.terminal_input import may_ask
from fieldsync.domain.case import Case
from fieldsync.domain.correction import CorrectionKind
from fieldsync.locale import _
from fieldsync.locale.record_names import TELLERS
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, note, say

_WHAT = {kind.value.replace("_", "-"): kind for kind in CorrectionKind}


@click.command(
    cls=ExampleCommand,
    help=_("Propose a correction of the case file; it counts once the office has accepted it."),
    examples=(
        "fieldsync correct NS-0001 address --wrong home --right '12 Haiyue Road' --told-by family",
        "fieldsync correct NS-0001 telephone --wrong 13800138000",
        "fieldsync correct NS-0001 wrong-person --told-by other",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.argument("what", metavar="address|telephone|wrong-person", type=click.Choice(tuple(_WHAT)))
@click.option("--wrong", metavar="TEXT", help=_("The address (home, work or its id) or number."))
@click.option("--right", default="", metavar="TEXT", help=_("What is right, where it is known."))
@click.option(
    "--told-by",
    default="",
    metavar="|".join(TELLERS),
    type=click.Choice(("", *TELLERS)),
    help=_("Who told you."),
)
@click.pass_obj
def command(
    options: Options, case_id: str, what: str, wrong: str | None, right: str, told_by: str
) -> None:
    """Propose it."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        kind = _WHAT[what]
        if wrong is None and kind is not CorrectionKind.WRONG_PERSON and may_ask(options):
            wrong = click.prompt(_question(case, kind), err=True)
        propose(ctx, case, kind, wrong=wrong or "", right=right, told_by=told_by)
        say(_("Proposed. The case file stays as it is until the office accepts it."))
        if kind is CorrectionKind.WRONG_PERSON:
            note(
                _("Collection on {case_id} is on hold on this device from now on.", case_id=case_id)
            )
            note(_("Say that you are sorry, and tell them nothing of the case."))
        note(_("Next: `fieldsync sync`."))


def _question(case: Case, kind: CorrectionKind) -> str:
    if kind is CorrectionKind.TELEPHONE:
        return _("Which number is wrong? ({known})", known=listed(case.borrower.phones))
    known = listed(f"{a.address_id} {a.text}" for a in case.addresses)
    return _("Which address is wrong? ({known})", known=known)
