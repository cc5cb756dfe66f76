"""`fieldsync visit attach`: photos, recordings and papers of the visit under way."""

from datetime import datetime
from pathlib import Path

import click

from agent_cli.actions.evidence import take_in
from agent_cli.actions.visit import running_visit
from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import mark_training
from agent_cli.terminal_input import may_ask
from fieldsync.domain.evidence import EvidencePlace
from fieldsync.errors import InputError, RefusedError
from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from fieldsync.words import words

_PARTS = 3
_LATITUDE, _LONGITUDE, _ACCURACY_MOST_M = 90, 180, 100_000


@click.command(
    "attach",
    cls=ExampleCommand,
    help=_("Keep photos, recordings or papers with the visit: hashed, stamped and sealed at once."),
    examples=(
        "fieldsync visit attach gate.jpg",
        "fieldsync visit attach letter.pdf --place 22.5312,113.9300,15 --consent-place",
    ),
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--case", "case_id", metavar="CASE", help=_("The visit's case, to be sure."))
@click.option(
    "--place",
    "place_text",
    metavar="LAT,LON,ACCURACY",
    help=_("Where it was taken (WGS-84 degrees) and how exactly, in metres; only with consent."),
)
@click.option("--consent-place", is_flag=True, help=_("They agreed that the place is kept."))
@click.pass_obj
def attach(
    options: Options,
    files: tuple[Path, ...],
    case_id: str | None,
    place_text: str | None,
    *,
    consent_place: bool,
) -> None:
    """Take them in."""
    with open_device(options) as ctx:
        mark_training(ctx)
        visit = running_visit(ctx, case_id)
        if place_text and not consent_place and may_ask(options):
            question = _("Did they agree that the place is kept?")
            consent_place = click.confirm(question, default=False, err=True)
        place = _place(place_text, ctx.clock.now(), agreed=consent_place)
        kept = take_in(ctx, visit, files, place)
        say(_("Sealed and kept: {count} files.", count=len(kept.items)))
        for path, item in zip(files, kept.items, strict=True):
            say(f"  {item.plain_sha256}  {path.name}")
        note(_("Only the office can open them; your own file stays where it was: delete it there."))
        note(_("A picture or a place proves nothing by itself; write down what you saw too."))


def _place(text: str | None, now: datetime, *, agreed: bool) -> EvidencePlace | None:
    """The place; InputError 600.37 for a wrong one, RefusedError 451.64 without consent."""
    if text is None:
        return None
    if not agreed:
        raise RefusedError(
            "451.64",
            words("Where somebody is, is kept only with their consent (PIPL art. 29)."),
            words("Ask, then add --consent-place; or leave --place out."),
            findings=[],
        )
    try:
        lat, lon, accuracy = (float(part) for part in text.split(",", _PARTS - 1))
    except ValueError:
        raise _no_place(text) from None
    sound = abs(lat) <= _LATITUDE and abs(lon) <= _LONGITUDE and 0 <= accuracy <= _ACCURACY_MOST_M
    if not sound:
        raise _no_place(text)
    return EvidencePlace(lat, lon, accuracy, now)


def _no_place(text: str) -> InputError:
    return InputError(
        "600.37",
        words("{place} is not a place with its accuracy.", place=repr(text[:40])),
        words("Write it like 22.5312,113.9300,15: degrees north, degrees east, metres."),
    )
