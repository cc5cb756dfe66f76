"""`fieldsync-server audit`: check the log of everything that was written and read, and prove it to others."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from fieldsync.domain.codec import from_builtins, to_builtins
from fieldsync.errors import EXIT_DONE, EXIT_FAILED, ConflictError, InputError
from fieldsync.locale import _, render
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import note, say, say_json
from fieldsync.words import words
from server.context import open_server
from server.security.tree_heads import TreeHead, heads_in, present_head, publish_head
from server.workflow.prove_audit import Proof, holds, newest_line_of, prove_growth, prove_line
from server.workflow.verify_audit import AuditReport, Finding, verify_audit

# n, at, actor, action, subject, detail, rows.
_FIELDS = 7
_HASH_BYTES = 32


@click.group(
    cls=ExampleGroup,
    help=_("Check the log of everything that was written and read, and prove it to others."),
    examples=(
        "fieldsync-server audit verify",
        "fieldsync-server audit head --output /mnt/elsewhere/heads.jsonl",
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "head",
    cls=ExampleCommand,
    help=_("Sign how long the log is and the root over it; kept elsewhere, it shows every change."),
    examples=(
        "fieldsync-server audit head",
        "fieldsync-server audit head --output /mnt/elsewhere/heads.jsonl",
    ),
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Add the head to this file too."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def head(home: str | None, *, output: Path | None, as_json: bool) -> None:
    """Sign it, and publish it."""
    ctx = open_server(home)
    key, now = ctx.keys.audits[0], ctx.clock.now()
    if output is None:
        signed = present_head(ctx.engine, key, now)
    else:
        try:
            signed = publish_head(ctx.engine, key, output, now)
        except OSError as error:
            raise ConflictError(
                "409.95",
                words("{path} cannot be written: {error}", path=str(output), error=str(error)),
                words("Name another file."),
            ) from error
    if as_json:
        say_json(asdict(signed))
        return
    say(_("{size} lines, root {root}", size=signed.size, root=signed.root))
    say(_("Signed by {key} at {at}.", key=signed.key, at=signed.at))


@command.command(
    "verify",
    cls=ExampleCommand,
    help=_(
        "Check every line of the log, every row of the store against it, and both against the"
        " heads that were published. The exit code is 1 where something was changed by hand."
    ),
    examples=(
        "fieldsync-server audit verify",
        "fieldsync-server audit verify --heads /mnt/elsewhere/heads.jsonl --json",
    ),
)
@click.option(
    "--heads",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Published heads that were kept elsewhere, besides the server's own."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def verify(home: str | None, *, heads: Path | None, as_json: bool) -> int:
    """Check all of it."""
    report = verify_audit(open_server(home), heads)
    if as_json:
        say_json(_facts(report))
    else:
        _say_report(report)
    return EXIT_FAILED if report.findings else EXIT_DONE


def _say_report(report: AuditReport) -> None:
    for finding in report.findings:
        say(render(finding.told))
    counts = {"lines": report.size, "rows": report.rows, "heads": report.heads}
    if report.findings:
        say(
            _(
                "{count} findings in {lines} lines, {rows} rows and {heads} heads.",
                count=len(report.findings),
                **counts,
            )
        )
        note(_("Keep a copy of the store as it is, and compare it with your last backup."))
    else:
        say(_("{lines} lines, {rows} rows and {heads} heads agree.", **counts))
    if not report.heads:
        note(_("No head was published yet: what was changed before the first one does not show."))


def _facts(report: AuditReport) -> dict[str, Any]:
    facts = {name: getattr(report, name) for name in ("size", "root", "rows", "heads")}
    found = [_finding(finding) for finding in report.findings]
    return {"ok": not found, **facts, "findings": found}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "told": render(finding.told),
        "line": finding.line,
        "table": finding.table,
        "key": list(finding.key),
    }


@command.command(
    "prove",
    cls=ExampleCommand,
    help=_(
        "Write a proof that a line is in the log, or with --from that a longer log begins with a"
        " shorter one. `audit check` needs nothing but the proof and the published heads."
    ),
    examples=(
        "fieldsync-server audit prove 17 > proof.json",
        "fieldsync-server audit prove --subject NS-0001 > proof.json",
        "fieldsync-server audit prove --from 100 --size 250 > proof.json",
    ),
)
@click.argument("line", metavar="[LINE]", type=int, required=False)
@click.option(
    "--subject", metavar="ID", help=_("The newest line about this case, record or device.")
)
@click.option("--from", "earlier", metavar="N", type=int, help=_("The length of the shorter log."))
@click.option(
    "--size", metavar="N", type=int, help=_("The length of the log; the present one by default.")
)
@click.pass_obj
def prove(
    home: str | None,
    *,
    line: int | None,
    subject: str | None,
    earlier: int | None,
    size: int | None,
) -> None:
    """Write it."""
    if sum(one is not None for one in (line, subject, earlier)) != 1:
        raise InputError(
            "422.692",
            words("A proof is of one line, one subject or one shorter log."),
            words("Give a line, --subject or --from, and only one of them."),
        )
    ctx = open_server(home)
    if earlier is not None:
        proof = prove_growth(ctx, earlier, size)
    else:
        named = newest_line_of(ctx, subject) if subject is not None else line or 0
        proof = prove_line(ctx, named, size)
    say_json(to_builtins(proof))


@command.command(
    "check",
    cls=ExampleCommand,
    help=_("Check a proof against published heads; no server and no store are needed."),
    examples=("fieldsync-server audit check proof.json --head heads.jsonl --key KEY",),
)
@click.argument("proof", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option(
    "--head",
    "heads",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help=_("The file of published heads."),
)
@click.option("--key", metavar="KEY", help=_("The server's public key, as `audit head` shows it."))
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
def check(*, proof: Path, heads: Path, key: str | None, as_json: bool) -> int:
    """Check it."""
    genuine = [
        one
        for one in heads_in(heads)
        if one is not None and one.is_genuine and key in (None, one.key)
    ]
    said = _proof_in(proof)
    good = holds(said, genuine)
    if as_json:
        say_json({"ok": good, **to_builtins(said)})
    elif good:
        _say_proof(said, genuine)
    else:
        say(_("The proof does not hold for these heads."))
        note(_("The heads must be of the same server and of the lengths that the proof names."))
    return EXIT_DONE if good else EXIT_FAILED


def _say_proof(proof: Proof, heads: list[TreeHead]) -> None:
    if proof.line is not None:
        number, at, actor, action, subject = proof.line[:5]
        say(_("Line {line} of {size} is in the log.", line=number, size=proof.size))
        say(f"{at}  {actor}  {action}  {subject}")
    else:
        say(
            _(
                "The log of {size} lines begins with the {earlier} lines from before.",
                size=proof.size,
                earlier=proof.earlier,
            )
        )
    key = next(one.key for one in heads if one.size == proof.size)
    note(_("The head was signed by {key}.", key=key))


def _proof_in(path: Path) -> Proof:
    """The proof in a file; InputError 422.693 where there is none."""
    try:
        proof = from_builtins(json.loads(path.read_text(encoding="utf-8")), Proof)
        steps = [bytes.fromhex(step) for step in proof.path]
    except ValueError as error:
        raise _no_proof(path) from error
    line = proof.line
    if any(len(step) != _HASH_BYTES for step in steps) or (
        line is not None and (len(line) != _FIELDS or type(line[0]) is not int)
    ):
        raise _no_proof(path)
    return proof


def _no_proof(path: Path) -> InputError:
    return InputError(
        "422.693",
        words("{path} holds no proof.", path=str(path)),
        words("`fieldsync-server audit prove` writes one."),
    )
