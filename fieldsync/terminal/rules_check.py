"""`rules check` of both programs: asks the rules about one action, with no network and no store."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.verdict import Finding, Verdict
from fieldsync.errors import EXIT_REFUSED, InputError
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.schemas.rule_answer import answer
from fieldsync.schemas.rule_facts import WrongField, read_question
from fieldsync.schemas.rule_question import facts_asked
from fieldsync.terminal.lazy_group import ExampleCommand
from fieldsync.terminal.output import listed, pick, say, say_json, style
from fieldsync.words import words

PackReader = Callable[[Sequence[str]], tuple[Ruleset, ...]]
_STDIN = "-"
_SHOWN_PROBLEMS = 20


def check_command(program: str, read_packs: PackReader) -> click.Command:
    """The command, for a program that knows where packs are read."""

    @click.command(
        "check",
        cls=ExampleCommand,
        help=_(
            "Ask the rules whether an action is allowed, and when that day it would be. FACTS is a JSON"
            " file, or - for standard input. Nothing is stored and no network is needed. The exit code"
            " is 0 where it is allowed and 5 where a rule refuses it."
        ),
        examples=(
            f"{program} rules check facts.json",
            f"{program} rules check facts.json --json",
            f"{program} rules check - --json < facts.json",
        ),
    )
    @click.argument("facts", metavar="FACTS")
    @click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
    def check(facts: str, *, as_json: bool) -> int:
        question, wrong = read_question(_text_of(facts))
        if question is None:
            raise _refused(wrong)
        packs = read_packs(question["rulesets"])
        asked = facts_asked(question, packs)
        verdict = evaluate(asked, packs)
        told = answer(asked, packs, verdict)
        if as_json:
            say_json(told)
        else:
            _say(asked, verdict, told)
        return 0 if verdict.allowed else EXIT_REFUSED

    return check


def _text_of(name: str) -> str:
    """InputError 422.501 for what is no text; the system's own error where the file cannot be read."""
    try:
        content = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "422.501", words("The facts are not text in UTF-8."), words("Save them as UTF-8.")
        ) from error


def _refused(wrong: Sequence[WrongField]) -> InputError:
    """Every wrong field at once, so that a file is mended in one go."""
    lines = [f"{field.path}: {render(field.message)}" for field in wrong[:_SHOWN_PROBLEMS]]
    return InputError(
        "422.502",
        words("{count} parts of the facts cannot be read.", count=len(wrong)),
        words("Mend them: {parts}", parts="\n  ".join(["", *lines])),
        problems=[{"path": field.path, "message": render(field.message)} for field in wrong],
    )


def _say(asked: Facts, verdict: Verdict, told: Mapping[str, Any]) -> None:
    """The answer for a person: what was asked, the answer, why, and when it would be allowed."""
    say(_("{action} at {time}", action=name_of(asked.action), time=asked.at.isoformat()))
    say(style(_("Allowed.") if verdict.allowed else _("Not allowed."), bold=True))
    for finding in verdict.findings:
        _say_finding(finding)
    say("")
    say(_open_hours(told))
    say(_("Packs: {names}.", names=listed(f"{n} {v}" for n, v in verdict.packs.items()) or "-"))


def _say_finding(finding: Finding) -> None:
    """One rule, with its citation in the reader's language alone."""
    head = _(
        "{rule} ({effect}, {strength})",
        rule=finding.rule,
        effect=name_of(finding.effect),
        strength=name_of(finding.strength),
    )
    say("")
    say(f"{style(head, bold=True)}\n  {pick(finding.message, language())}")
    say(f"  {pick(finding.cited, language())}")


def _open_hours(told: Mapping[str, Any]) -> str:
    spans: Iterable[Sequence[str]] = told["windows"]
    hours = listed(f"{start}–{end}" for start, end in spans)
    if not hours:
        return _("On {day} ({zone}) it may not begin at all.", day=told["day"], zone=told["zone"])
    return _(
        "On {day} ({zone}) it may begin: {hours}.", day=told["day"], zone=told["zone"], hours=hours
    )
