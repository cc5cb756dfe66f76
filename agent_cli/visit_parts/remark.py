"""`fieldsync visit note`: a remark, checked first where its words are for somebody else."""

from pathlib import Path

import click

from agent_cli.actions import visit as actions
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.findings_shown import refusals_told
from agent_cli.shown import mark_training
from agent_cli.store import cases
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say


@click.command(
    "note",
    cls=ExampleCommand,
    help=_("Keep a remark on the visit that is under way."),
    examples=(
        "fieldsync visit note NS-0001 'Asks for a call after 18:00'",
        "fieldsync visit note NS-0001 'Please call me back. Lin' --left-behind",
        "fieldsync visit note NS-0001 'The letter box is broken' --attach photo.jpg",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.argument("text")
@click.option(
    "--left-behind",
    is_flag=True,
    help=_("The words are for somebody else than the borrower: they are checked first."),
)
@click.option(
    "--attach",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("A photo, recording or PDF of 20 MB at most that goes with the note; may be repeated."),
)
@click.pass_obj
def add_note(
    options: Options, case_id: str, text: str, *, left_behind: bool, files: tuple[Path, ...]
) -> None:
    """Keep a remark."""
    with open_device(options) as ctx:
        mark_training(ctx)
        case = cases.load_case(ctx.conn, case_id)
        with refusals_told():
            actions.note(ctx, case, text, left_behind=left_behind, files=files)
        say(_("Noted."))
        if files:
            note(_("Files kept with it: {count}. They go up after the note.", count=len(files)))
