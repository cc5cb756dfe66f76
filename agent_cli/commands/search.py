"""`fieldsync search`: find a case by name, place, account, telephone or id."""

import click

from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.store import cases, search
from fieldsync.domain.case import Case
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table

_LIMIT = 50


@click.command(
    cls=ExampleCommand,
    help=_("Find cases on this device by name, place, account, telephone or id."),
    examples=("fieldsync search 陈明", "fieldsync search 科苑路 --json"),
)
@click.argument("terms", nargs=-1, required=True, metavar="WORDS...")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(options: Options, terms: tuple[str, ...], *, as_json: bool) -> None:
    """Search."""
    with open_device(options) as ctx:
        ids = search.find(ctx.conn, " ".join(terms), _LIMIT)
        found = [cases.load_case(ctx.conn, case_id) for case_id in ids]
        mark_training(ctx)
        if as_json:
            say_json({"cases": [_facts(case) for case in found]})
        elif not found:
            note(_("No case on this device has these words."))
        else:
            say(table([_row(case) for case in found], (_("Case"), _("Name"), _("Address"))))
            note(_("Next: `fieldsync show {case_id}`.", case_id=found[0].case_id))


def _facts(case: Case) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "name": case.borrower.name,
        "addresses": [address.text for address in case.addresses],
    }


def _row(case: Case) -> tuple[str, str, str]:
    first = case.addresses[0].text if case.addresses else ""
    return case.case_id, case.borrower.name, first
