"""Writes the reference of commands from the programs' help, and of rules from the packs; `--check` only compares."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fieldsync import locale
from fieldsync.adapters.pack_files import rulesets_named, shipped_names
from fieldsync.conduct.floor import FLOOR
from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.conduct.strictness import written
from fieldsync.locale import render
from fieldsync.locale.names import name_of

FOLDER = Path(__file__).parent / "reference"
PROGRAMS = {"fieldsync": "agent_cli.main", "fieldsync-server": "server.cli"}
_COLUMNS = 80
_RULES_INTRODUCTION = """# The conduct rules

Written by `make reference` from the rule packs themselves: every rule that ships, word for word.
It is no legal advice. `verified` says that the source was read where *read at* says, by an engineer;
a bank's lawyers check it all. `fieldsync-server rules show` prints the same, and [Conduct](../explanation/conduct.md)
explains the words of *when* and how packs work together.
"""


def commands(context: click.Context) -> Iterator[click.Context]:
    """The command and everything below it, in the order of its help."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from commands(_context(command, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command, info_name=name, parent=parent, terminal_width=_COLUMNS, **command.context_settings
    )


def page(program: str) -> str:
    """The reference page of one program, in English."""
    group = importlib.import_module(PROGRAMS[program]).build_group()
    parts = [
        f"# The command `{program}`\n\nWritten by `make reference` from the program's own help.\n"
    ]
    for context in commands(_context(group, program, None)):
        path = context.command_path
        level = "##" if context.parent else "## Overview:"
        parts.append(f"{level} {path}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


def rules_page() -> str:
    """The reference page of every rule that ships, with those that are built in."""
    packs = (*rulesets_named(shipped_names()), FLOOR)
    rows = [
        f"| [`{pack.name}`](#pack-{pack.name}) | {pack.version} | {_spoken_for(pack)} | {len(pack.rules)} |"
        for pack in packs
    ]
    head = ("| pack | edition | speaks for | rules |", "|---|---|---|---|")
    return "\n".join([_RULES_INTRODUCTION, *head, *rows, "", *map(_pack_section, packs)])


def _spoken_for(pack: Ruleset) -> str:
    if pack.is_house:
        return "everywhere"
    countries = ", ".join(sorted(pack.countries))
    return f"{pack.jurisdiction}: {countries}" if countries else pack.jurisdiction


def _pack_section(pack: Ruleset) -> str:
    title = f"(pack-{pack.name})=\n## Pack `{pack.name}`, edition {pack.version}\n"
    return "\n".join([title, *map(_rule_section, pack.rules)])


def _rule_section(rule: Rule) -> str:
    """One rule as a table of its facts; what is not said of it has no row."""
    facts = {
        "says": rule.message["en"],
        "说明": rule.message["zh-CN"],
        "on": ", ".join(f"`{action}`" for action in sorted(rule.actions)),
        "when": "<br>".join(f"`{name} = {written(v)}`" for name, v in rule.written.items()),
        "effect": _effect(rule),
        "strength": f"{render(name_of(rule.strength))} (`{rule.strength}`)",
        "source": rule.citation.told("en"),
        "来源": rule.citation.told("zh-CN"),
        "read at": rule.citation.read_at,
        "verified": "read in the source named" if rule.verified else "not yet",
        "parameters": ", ".join(f"`{name} = {n}`" for name, n in rule.parameters.items()),
        "applies from": rule.applies_from.isoformat() if rule.applies_from else "",
    }
    rows = [f"| {name} | {_cell(text)} |" for name, text in facts.items() if text]
    return "\n".join([f"### {rule.rule_id}\n", "| | |", "|---|---|", *rows, ""])


def _effect(rule: Rule) -> str:
    others = (
        f"{render(name_of(effect))} (`{effect}`) on `{action}`"
        for action, effect in sorted(rule.effect_on.items())
    )
    return "; ".join([f"{render(name_of(rule.effect))} (`{rule.effect}`)", *others])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def pages() -> Iterator[tuple[str, str]]:
    """Every page by the name of its file."""
    for program in PROGRAMS:
        yield f"cli-{program}.md", page(program)
    yield "rules.md", rules_page()


def main() -> int:
    """Write or compare every page; 1 where one is out of date."""
    locale.set_language("en")
    stale = 0
    for name, text in pages():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{path.name} is out of date; run `make reference`.\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
