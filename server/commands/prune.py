"""`fieldsync-server prune`: forget what devices need no more."""

import dataclasses

import click

from fieldsync.locale import _
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import say, say_json
from server.context import open_server
from server.workflow.prune_feed import prune


@click.command(
    cls=ExampleCommand,
    help=_(
        "Forget what devices need no more: removed rows and decided results after 90 days. Records are"
        " never touched. `run` and `publish` do it too."
    ),
    examples=("fieldsync-server prune", "fieldsync-server prune --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_obj
def command(home: str | None, *, as_json: bool) -> None:
    """Prune and say how much went."""
    pruned = prune(open_server(home))
    if as_json:
        say_json(dataclasses.asdict(pruned))
        return
    say(
        _(
            "Forgotten: {removals} removed rows, {results} decided results, {nonces} nonces.",
            removals=pruned.removals,
            results=pruned.results,
            nonces=pruned.nonces,
        )
    )
