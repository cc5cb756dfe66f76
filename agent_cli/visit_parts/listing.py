"""`fieldsync visit list`: the visits made on a day."""

import click

from agent_cli.config import Options
from agent_cli.context import open_device
from agent_cli.shown import clock_time, mark_training
from agent_cli.store import visits
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.visit import Visit
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say, say_json, table
from fieldsync.terminal.typed_day import typed_day


@click.command(
    "list",
    cls=ExampleCommand,
    help=_("List the visits made on a day."),
    examples=("fieldsync visit list", "fieldsync visit list --date 2026-11-24 --json"),
)
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help=_("Another day than today."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def list_visits(options: Options, day_text: str | None, *, as_json: bool) -> None:
    """List a day's visits."""
    with open_device(options) as ctx:
        mark_training(ctx)
        day = ctx.clock.now().date() if day_text is None else typed_day(day_text)
        made = visits.of_day(ctx.conn, day)
        if as_json:
            say_json({"date": day.isoformat(), "visits": [to_builtins(visit) for visit in made]})
        elif not made:
            note(_("No visit was made on {day}.", day=day.isoformat()))
        else:
            head = (_("Started"), _("Ended"), _("Case"), _("Officers"), _("Outcome"))
            say(table([_row(visit) for visit in made], head))


def _row(visit: Visit) -> tuple[str, ...]:
    return (
        clock_time(visit.started_at),
        clock_time(visit.finished_at) if visit.finished_at else _("under way"),
        visit.case_id,
        ", ".join(visit.officers),
        render(name_of(visit.outcome)) if visit.outcome else "",
    )
