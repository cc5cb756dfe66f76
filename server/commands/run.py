"""`fieldsync-server run`: serve devices until told to stop."""

import click

from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import note, say
from server.context import open_server
from server.workflow.examine_visits import overdue_visits
from server.workflow.hardship_key import ensure_hardship_key
from server.workflow.keep_upload import drop_expired
from server.workflow.prune_feed import prune
from server.workflow.share_reference import share_reference_with_all

DEFAULT_PORT = 8440


@click.command(
    cls=ExampleCommand,
    help=_(
        "Serve devices until stopped (Ctrl-C or SIGTERM). The address is also written to run.json in "
        "the server's folder. Put a proxy with TLS in front of it for anything but this machine."
    ),
    examples=(
        "fieldsync-server run",
        "fieldsync-server run --port 0",
        "fieldsync-server run --host 10.0.0.5 --port 8440 --workers 4",
    ),
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="HOST",
    help=_("Address to listen on."),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=DEFAULT_PORT,
    show_default=True,
    help=_("Port to listen on; 0 takes a free one."),
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    default=2,
    show_default=True,
    help=_("How many processes serve."),
)
@click.pass_obj
def command(home: str | None, *, host: str, port: int, workers: int) -> None:
    """Serve."""
    from server.serving import listen, serve, url_of

    ctx = open_server(home)
    listener = listen(host, port)
    ensure_hardship_key(ctx)
    share_reference_with_all(ctx)
    drop_expired(ctx)
    prune(ctx)
    overdue = overdue_visits(ctx)
    ctx.engine.dispose()
    say(url_of(listener))
    note(_("Serving {home}; Ctrl-C stops.", home=str(ctx.config.home)))
    if ctx.config.training:
        note(_("This is a TRAINING server: never put real cases on it."))
    if overdue is not None:
        note(render(overdue))
    serve(ctx.config, listener, workers)
