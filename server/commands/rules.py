"""`fieldsync-server rules`: ask, list, show, lint and compare rule packs."""

from typing import Any

import click

from fieldsync.adapters.pack_files import pack_named, rulesets_named, shipped_names
from fieldsync.conduct.floor import FLOOR
from fieldsync.conduct.pack_lint import lint
from fieldsync.conduct.ruleset import Rule, Ruleset
from fieldsync.conduct.strictness import compare, fields_of
from fieldsync.errors import EXIT_FAILED, NotFoundError
from fieldsync.locale import _, both, language, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import labelled, pick, say, say_json, table
from fieldsync.terminal.rules_check import check_command
from fieldsync.words import words


@click.group(
    cls=ExampleGroup,
    help=_("Ask the conduct rules; nothing is stored."),
    examples=(
        "fieldsync-server rules check facts.json",
        "fieldsync-server rules list",
        "fieldsync-server rules show US-HOURS",
        "fieldsync-server rules lint ours.toml",
        "fieldsync-server rules diff house ours.toml",
    ),
)
def command() -> None:
    """The subcommands follow."""


command.add_command(check_command("fieldsync-server", rulesets_named))


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List every rule of the packs that ship."),
    examples=("fieldsync-server rules list", "fieldsync-server rules list --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def list_rules(*, as_json: bool) -> None:
    """Every rule, by pack."""
    packs = _every_pack()
    if as_json:
        say_json([_pack_facts(pack) for pack in packs])
        return
    rows = [
        (pack.name, rule.rule_id, render(name_of(rule.effect)), render(name_of(rule.strength)))
        for pack in packs
        for rule in pack.rules
    ]
    say(table(rows, (_("Pack"), _("Rule"), _("Effect"), _("Strength"))))


@command.command(
    "show",
    cls=ExampleCommand,
    help=_("Show a rule with its citation, or all of a pack."),
    examples=("fieldsync-server rules show US-HOURS", "fieldsync-server rules show cn --json"),
)
@click.argument("name", metavar="RULE_OR_PACK")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(name: str, *, as_json: bool) -> None:
    """One rule, or every rule of a pack."""
    rules = _rules_named(name)
    if as_json:
        say_json([_rule_facts(rule) for rule in rules])
        return
    for rule in rules:
        _say_rule(rule)


@command.command(
    "lint",
    cls=ExampleCommand,
    help=_("Say what a lawyer should look at again in a pack; without FILE, in all that ship."),
    examples=("fieldsync-server rules lint", "fieldsync-server rules lint ours.toml"),
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def lint_packs(files: tuple[str, ...], *, as_json: bool) -> int:
    """The doubts; the exit code is 1 where there is one."""
    packs = [pack_named(name).ruleset for name in files or shipped_names()]
    found = [(pack.name, problem) for pack in packs for problem in lint(pack)]
    if as_json:
        say_json(
            [
                {"pack": pack, "rule": p.rule, "code": p.code, "message": both(p.told)}
                for pack, p in found
            ]
        )
    else:
        for pack, problem in found:
            say(f"{pack} {problem.rule} ({problem.code}): {render(problem.told)}")
        say(_("{count} doubts.", count=len(found)))
    return EXIT_FAILED if found else 0


@command.command(
    "diff",
    cls=ExampleCommand,
    help=_("Say what changed from one edition of a pack to another, rule by rule."),
    examples=("fieldsync-server rules diff house ours.toml",),
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def diff(old: str, new: str, *, as_json: bool) -> None:
    """Every difference."""
    found = compare(pack_named(old).ruleset, pack_named(new).ruleset)
    if as_json:
        say_json(
            [
                {
                    "change": one.change.value,
                    "rule": one.rule,
                    "field": one.field,
                    "before": one.before,
                    "after": one.after,
                }
                for one in found
            ]
        )
        return
    for one in found:
        say(render(one.told))
    if not found:
        say(_("Nothing differs."))


def _every_pack() -> tuple[Ruleset, ...]:
    """The packs that ship and, last, the rules that hold whatever packs are loaded."""
    return (*rulesets_named(shipped_names()), FLOOR)


def _rules_named(name: str) -> tuple[Rule, ...]:
    """NotFoundError 404.501 where no shipped rule has this name and no pack either."""
    packs = _every_pack()
    rules = tuple(
        rule for pack in packs for rule in pack.rules if name in {pack.name, rule.rule_id}
    )
    if not rules:
        raise NotFoundError(
            "404.501",
            words("There is no rule or pack {name}.", name=repr(name)),
            words("`fieldsync-server rules list` shows them all."),
        )
    return rules


def _pack_facts(pack: Ruleset) -> dict[str, Any]:
    return {
        "pack": pack.name,
        "version": pack.version,
        "jurisdiction": pack.jurisdiction,
        "rules": [_rule_facts(rule) for rule in pack.rules],
    }


def _rule_facts(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.rule_id,
        "citation": str(rule.citation),
        "message": dict(rule.message),
        "fields": dict(fields_of(rule)),
    }


def _say_rule(rule: Rule) -> None:
    say(f"{rule.rule_id}: {pick(rule.message, language())}")
    say(f"  {rule.citation.told(language())}")
    for name, value in fields_of(rule).items():
        if value and not name.startswith(("citation.", "message.")):
            say(f"  {labelled(name, value)}")
    say("")
