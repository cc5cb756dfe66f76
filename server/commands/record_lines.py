"""Says what a record from the field tells, in words a reviewer reads; nothing of it is left out silently."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fieldsync.conduct.sensitive import shown_payload
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.disclosure import HardshipCode, Need
from fieldsync.domain.money import Money
from fieldsync.domain.verdict import Finding
from fieldsync.domain.visit import OutcomeCode
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import TELLERS
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.terminal.output import listed, pick
from server.commands.door_lines import DOOR_LINES

Line = tuple[str, str]
_PERCENT = 100


def record_lines(operation: Operation) -> list[Line]:
    """The payload as names and values; a rejected record of another shape is shown as it came."""
    operation = shown(operation)
    say = _SAID.get(operation.kind)
    if say is not None:
        try:
            return [(name, value) for name, value in say(operation.payload) if value]
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
    return [(name, _plain(value)) for name, value in operation.payload.items()]


def _start(payload: Mapping[str, Any]) -> list[Line]:
    return [
        (_("Address"), payload["address_id"]),
        (_("Officers"), listed(payload["officers"])),
        (_("Rules"), listed(f"{name} {version}" for name, version in payload["packs"].items())),
    ]


def _note(payload: Mapping[str, Any]) -> list[Line]:
    return [(_("Note"), payload["text"])]


def _finish(payload: Mapping[str, Any]) -> list[Line]:
    promise = payload["promise"]
    promised = ""
    if promise:
        promised = _(
            "{amount} by {day}",
            amount=Money(promise["amount_minor"], promise["currency"]),
            day=promise["date"],
        )
    return [
        (_("Outcome"), render(name_of(OutcomeCode(payload["outcome"])))),
        (_("Identity shown"), _("yes") if payload["identity_shown"] else _("no")),
        (_("Promised"), promised),
    ]


def _refused(payload: Mapping[str, Any]) -> list[Line]:
    findings = from_builtins(payload["findings"], tuple[Finding, ...])
    return [
        (_("Address"), payload["address_id"]),
        *(
            (
                _(
                    "{rule} ({effect}, {strength})",
                    rule=finding.rule,
                    effect=name_of(finding.effect),
                    strength=name_of(finding.strength),
                ),
                pick(finding.message, language()),
            )
            for finding in findings
        ),
    ]


def shown(operation: Operation) -> Operation:
    """The record as anybody of the office may see it: of a disclosure only what is not private."""
    if operation.kind != OperationKind.HARDSHIP_DISCLOSE:
        return operation
    return replace(operation, payload=shown_payload(operation.payload))


def _disclosure(told: Mapping[str, Any]) -> list[Line]:
    """What `shown_payload` left of it."""
    category, teller = told["category"], told["told_by"]
    papers = told["evidence_copied"]
    return [
        (_("Needs"), listed(render(name_of(Need(need))) for need in told["needs"])),
        (_("What happened"), render(name_of(HardshipCode(category))) if category else ""),
        (_("Told by"), render(TELLERS[teller]) if teller else ""),
        (_("Until"), told["expected_until"] or ""),
        (_("Look again on"), told["review_on"] or ""),
        (_("Papers copied"), str(papers) if papers else ""),
        (_("Consent"), _("yes") if told["consent"] else _("no")),
        (_("Private part"), _("for the hardship team alone") if told["sealed"] else ""),
    ]


def _withdrawal(payload: Mapping[str, Any]) -> list[Line]:
    return [(_("Disclosure"), payload["disclosure_id"] or _("all of the case"))]


def _agreement(payload: Mapping[str, Any]) -> list[Line]:
    signed = from_builtins(dict(payload), Agreement)
    quote = signed.quote
    last = quote.instalments[-1]
    return [
        (_("Agreement"), signed.agreement_id),
        (_("Repayment"), render(name_of(quote.terms.kind))),
        (
            _("Instalments"),
            _(
                "{count}, from {first} to {last}",
                count=len(quote.instalments),
                first=quote.instalments[0].due,
                last=last.due,
            ),
        ),
        (_("First instalment"), str(quote.instalments[0].amount)),
        (_("Last instalment"), str(last.amount)),
        (_("Debt"), str(quote.financed)),
        (_("Total to pay"), str(quote.total_payable)),
        (_("Annualised rate"), f"{quote.effective_rate * _PERCENT:.2f} %"),
        (_("Witnesses"), listed(f"{who.name} {who.officer_id}" for who in signed.witnesses)),
        (_("Signature"), signed.signature.sha256),
        (_("Document"), signed.document_sha256),
    ]


def _replan(payload: Mapping[str, Any]) -> list[Line]:
    return [
        (_("Itinerary"), f"{payload['itinerary_id']} ({payload['base_version']})"),
        (_("Reason"), payload["reason"]),
        (_("New order"), listed(payload["stops"])),
    ]


_SAID: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Line]]] = {
    OperationKind.VISIT_START: _start,
    **DOOR_LINES,
    OperationKind.VISIT_NOTE: _note,
    OperationKind.VISIT_FINISH: _finish,
    OperationKind.VISIT_REFUSED: _refused,
    OperationKind.HARDSHIP_DISCLOSE: _disclosure,
    OperationKind.HARDSHIP_WITHDRAW: _withdrawal,
    OperationKind.AGREEMENT_SIGN: _agreement,
    OperationKind.ITINERARY_REPLAN: _replan,
}


def _plain(value: object) -> str:
    """A value of unknown shape on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    return str(value)
