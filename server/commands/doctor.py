"""`fieldsync-server doctor`: is this server well, and what to do where it is not."""

import click

from fieldsync.errors import EXIT_FAILED
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import say, say_json, style
from fieldsync.words import words
from server.context import open_server
from server.workflow.examine import Finding, Health, examine

_HEALTHS = {
    Health.OK: (words("ok"), "green"),
    Health.WARN: (words("warn"), "yellow"),
    Health.FAIL: (words("fail"), "red"),
}


@click.command(
    cls=ExampleCommand,
    help=_("Check the store, keys, files, disk, clock and waiting records, and say what to do."),
    examples=("fieldsync-server doctor", "fieldsync-server doctor --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def command(home: str | None, *, as_json: bool) -> int:
    """Examine; exit 1 where something fails."""
    findings = examine(open_server(home))
    failed = any(finding.health is Health.FAIL for finding in findings)
    if as_json:
        say_json({"ok": not failed, "checks": [_as_json(finding) for finding in findings]})
    else:
        for finding in findings:
            _tell(finding)
    return EXIT_FAILED if failed else 0


def _tell(finding: Finding) -> None:
    name, colour = _HEALTHS[finding.health]
    say(f"{style(render(name), fg=colour)}  {finding.name}: {render(finding.told)}")
    if finding.do is not None:
        say(f"      {render(finding.do)}")


def _as_json(finding: Finding) -> dict[str, str | None]:
    return {
        "name": finding.name,
        "health": finding.health.value,
        "message": render(finding.told),
        "do": render(finding.do) if finding.do else None,
    }
