"""`fieldsync-server evidence`: what was captured at visits, opened for a person who signs for it."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.evidence import EvidencePlace
from fieldsync.errors import ConflictError
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import labelled, note, say, say_json, table
from fieldsync.words import words
from server.commands.reads import looks_at
from server.commands.signed_by import signed_in
from server.context import ServerContext, open_server
from server.store.evidence import StoredEvidence
from server.workflow.open_evidence import (
    OpenedFile,
    get_evidence,
    is_here,
    list_evidence,
    open_evidence,
)

_TAIL = 8


@click.group(
    cls=ExampleGroup,
    help=_("See what was captured at visits, and open it under your name."),
    examples=(
        "fieldsync-server evidence list NS-0001",
        "fieldsync-server evidence show 4f2a91c0 --output opened --by Li",
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List photos, recordings and papers of a case; nothing is opened."),
    examples=(
        "fieldsync-server evidence list NS-0001",
        "fieldsync-server evidence list NS-0001 --json",
    ),
)
@click.argument("case_id", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, case_id: str, *, as_json: bool) -> None:
    """List it."""
    ctx = open_server(home)
    found = list_evidence(ctx, case_id)
    looks_at(ctx, "evidence", case_id if found else None)
    if as_json:
        say_json([_facts(ctx, stored) for stored in found])
        return
    if not found:
        note(_("Nothing was captured for this case."))
        return
    rows = [
        [
            stored.op_id[-_TAIL:],
            item.captured_at.isoformat(sep=" ", timespec="minutes"),
            render(name_of(item.kind)),
            item.plain_sha256[:12],
            _("yes") if is_here(ctx, item) else _("no"),
        ]
        for stored in found
        for item in stored.told.items
    ]
    say(table(rows, [_("Id"), _("Captured"), _("What"), _("SHA-256"), _("Here")]))
    note(_("Next: `fieldsync-server evidence show ID --output FOLDER`."))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_(
        "Show one record of captures. With --output its files are opened, checked against the"
        " record and written into a folder; who opened them is written down."
    ),
    examples=(
        "fieldsync-server evidence show 4f2a91c0",
        "fieldsync-server evidence show 4f2a91c0 --output opened --by Li",
    ),
)
@click.argument("op_id", metavar="ID")
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Open the files and write them into this folder; no file in it is replaced."),
)
@click.option(
    "--by",
    metavar="NAME",
    default=signed_in,
    help=_("Who looks; by default who is signed in to this machine."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def show(home: str | None, *, op_id: str, output: Path | None, by: str, as_json: bool) -> None:
    """Show it, and open it where a folder is named."""
    ctx = open_server(home)
    stored = get_evidence(ctx, op_id)
    looks_at(ctx, "evidence", stored.case_id)
    written = [] if output is None else _write(output, open_evidence(ctx, stored, by))
    if as_json:
        say_json({**_facts(ctx, stored), "written": [str(path) for path in written]})
    else:
        _say(stored)
        for path in written:
            say(labelled(_("Written"), str(path)))
    if written:
        note(_("Opened under the name {who}; it is written down.", who=by.strip()))
        note(_("These files are in the clear: delete them when you have looked."))
    note(_("A picture or a place is a hint: place is never sole proof."))


def _say(stored: StoredEvidence) -> None:
    say(labelled(_("Record"), stored.op_id))
    say(labelled(_("Case"), stored.case_id))
    say(labelled(_("Visit id"), stored.told.visit_id))
    for item in stored.told.items:
        captured = item.captured_at.isoformat(sep=" ", timespec="seconds")
        say(labelled(render(name_of(item.kind)), f"{captured}  {item.plain_sha256}"))
    if stored.told.place is not None:
        say(labelled(_("Place"), _place(stored.told.place)))


def _place(place: EvidencePlace) -> str:
    return _(
        "{lat}, {lon} within {metres} m, a hint and no proof",
        lat=place.lat,
        lon=place.lon,
        metres=place.accuracy_m,
    )


def _facts(ctx: ServerContext, stored: StoredEvidence) -> dict[str, object]:
    return {
        "op_id": stored.op_id,
        "case_id": stored.case_id,
        "at": stored.at.isoformat(),
        **to_builtins(stored.told),
        "files_here": all(is_here(ctx, item) for item in stored.told.items),
    }


def _write(folder: Path, files: Sequence[OpenedFile]) -> list[Path]:
    """Every file, for its owner's eyes alone; ConflictError 409.76 where one of the names is taken."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    for file in files:
        path = folder / file.name
        # A name that is taken, a link too, is left alone: O_EXCL follows none.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(path, flags, 0o600)
        except FileExistsError as error:
            for done in written:
                done.unlink()
            raise ConflictError(
                "409.76",
                words("{path} is there already, and is not replaced.", path=str(path)),
                words("Nothing was written. Name another folder."),
            ) from error
        written.append(path)
        with os.fdopen(handle, "wb") as target:
            target.write(file.content)
    return written
