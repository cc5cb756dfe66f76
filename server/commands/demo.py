"""`fieldsync-server demo`: play a branch's day from end to end and count it."""

import json
import os
import shutil
import time
from pathlib import Path

import click

from fieldsync.errors import ConflictError, InputError
from fieldsync.locale import _, language
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json
from fieldsync.words import words
from server.context import open_server
from server.demo.asked_device import AskedDevice
from server.demo.cast import BRANCH, DAY, NEXT_DAY, at
from server.demo.day import PASSPHRASE, Stage, play
from server.demo.figures import count_day
from server.demo.programs import Programs

_SUMMARY = "summary.json"
# Marks a folder as an earlier demo's, which the next one may remove.
_MARK = ".fieldsync-demo"


@click.command(
    cls=ExampleCommand,
    help=_(
        "Play a branch's day from end to end with the real programs, on made-up cases, into FOLDER (default: demo). An earlier demo there is replaced."
    ),
    examples=("fieldsync-server demo", "fieldsync-server demo demo-zh --lang zh"),
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option(
    "--fixtures",
    type=click.Path(path_type=Path),
    default=Path("fixtures"),
    show_default=True,
    help=_("The folder of the shipped case book."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print the summary as JSON at the end."))
def command(folder: Path, fixtures: Path, *, as_json: bool) -> None:
    """Play the demo and write its summary."""
    if not (fixtures / "shenzhen" / "cases.csv").is_file():
        raise InputError(
            "400.2",
            words("{folder} does not hold the shipped case book.", folder=str(fixtures)),
            words(
                "Run this in a checkout of Fieldsync, or name its fixtures folder with --fixtures."
            ),
        )
    for name in [name for name in os.environ if name.startswith("FIELDSYNC_")]:
        # The demo has a folder and a store of its own, whatever server this terminal works with.
        del os.environ[name]
    _make_room(folder)
    begun = time.monotonic()
    programs = Programs(folder, language())
    officers = play(Stage(programs, fixtures, folder))
    seconds = {**programs.seconds, "total": round(time.monotonic() - begun, 2)}
    summary = _count(programs, officers, seconds)
    for officer in officers:
        programs.device(officer, "lock", at=at("19:05"), show=False)
    (folder / _SUMMARY).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    _close(folder, summary)
    if as_json:
        say_json(summary)


def _make_room(folder: Path) -> None:
    """An empty folder; only what an earlier demo left is ever removed."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise ConflictError(
                "409.2",
                words("{folder} is not empty, and no demo was played there.", folder=str(folder)),
                words("Name another folder."),
            )
        shutil.rmtree(folder)
    (folder / "devices").mkdir(parents=True)
    (folder / _MARK).touch()


def _count(programs: Programs, officers: list[str], seconds: dict[str, float]) -> dict[str, object]:
    server = open_server(str(programs.folder / "server"))
    try:
        copies = [AskedDevice(programs, officer) for officer in officers]
        return count_day(
            server.engine, copies, branch=BRANCH, day=DAY, next_day=NEXT_DAY, seconds=seconds
        )
    finally:
        server.engine.dispose()


def _close(folder: Path, summary: dict[str, object]) -> None:
    """The last words: the figures that matter, and what there is to open."""
    say(
        _(
            "{recorded} records were made without a network: {accepted} accepted, {lost} lost, {twice} twice.",
            recorded=summary["operations_recorded"],
            accepted=summary["operations_accepted"],
            lost=summary["operations_lost"],
            twice=summary["operations_duplicated"],
        )
    )
    note(
        _(
            "The devices are encrypted; `fieldsync --home {home} unlock` opens one with: {passphrase}",
            home=str(min((folder / "devices").iterdir())),
            passphrase=PASSPHRASE,
        )
    )
    note(_("Open these:"))
    for path in sorted([*folder.glob("*.html"), *folder.glob("*.pdf"), folder / _SUMMARY]):
        note(f"  {path}")
