"""Shows what the rules found: the sentence in the officer's language, with its citation."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fieldsync.domain.codec import from_builtins
from fieldsync.domain.verdict import Finding
from fieldsync.errors import RefusedError
from fieldsync.locale import _, language
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import note, pick, style


def say_findings(findings: Iterable[Finding]) -> None:
    """Each finding on stderr: rule, what it does, why, and where it is written."""
    for finding in findings:
        head = _(
            "{rule} ({effect}, {strength})",
            rule=finding.rule,
            effect=name_of(finding.effect),
            strength=name_of(finding.strength),
        )
        citation = pick(finding.cited, language()) or finding.citation
        note(f"{style(head, bold=True)}\n  {pick(finding.message, language())}\n  {citation}")


@contextmanager
def refusals_told() -> Iterator[None]:
    """Around what a rule may refuse: says the findings before the error is told."""
    try:
        yield
    except RefusedError as error:
        found = error.details.get("findings")
        rows = found if isinstance(found, list) else []
        say_findings(from_builtins(row, Finding) for row in rows)
        raise
