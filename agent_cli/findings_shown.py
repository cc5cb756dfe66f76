"""Shows what the rules found: the sentence in the officer's language, with its citation."""

from collections.abc import Iterable

from fieldsync.domain.verdict import Finding
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
