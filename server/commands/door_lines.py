"""Says what records of a door tell: steps, stops, evidence, complaints, corrections and check-in keys."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fieldsync.domain.complaint import ComplaintTopic
from fieldsync.domain.correction import CorrectionKind
from fieldsync.domain.evidence import EvidenceKind
from fieldsync.domain.visit import StopCause, VisitStep
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.sync.kinds import OperationKind
from fieldsync.terminal.output import listed

Line = tuple[str, str]


def _step(payload: Mapping[str, Any]) -> list[Line]:
    return [(_("Step"), render(name_of(VisitStep(payload["step"]))))]


def _stop(payload: Mapping[str, Any]) -> list[Line]:
    return [(_("Broken off because"), render(name_of(StopCause(payload["cause"]))))]


def _evidence(payload: Mapping[str, Any]) -> list[Line]:
    captured = [
        (
            render(name_of(EvidenceKind(item["kind"]))),
            f"{item['captured_at']}  {item['plain_sha256']}",
        )
        for item in payload["items"]
    ]
    return [*captured, (_("Place"), _place(payload["place"]))]


def _place(place: Mapping[str, Any] | None) -> str:
    """A place that was noted without consent is not shown either."""
    if place is None:
        return ""
    if place["consent_at"] is None:
        return _("noted without consent, not kept")
    return _(
        "{lat}, {lon} within {metres} m, a hint and no proof",
        lat=place["lat"],
        lon=place["lon"],
        metres=place["accuracy_m"],
    )


def _complaint(payload: Mapping[str, Any]) -> list[Line]:
    return [
        (_("About what"), render(name_of(ComplaintTopic(payload["topic"])))),
        (_("About whom"), listed(payload.get("about_officers", ()))),
        (_("Words"), payload["text"]),
        (_("Answer in writing"), _("yes") if payload.get("in_writing") else _("no")),
    ]


def _correction(payload: Mapping[str, Any]) -> list[Line]:
    return [
        (_("What"), render(name_of(CorrectionKind(payload["kind"])))),
        (_("Wrong"), payload.get("wrong", "")),
        (_("Right"), payload.get("right", "")),
        (_("Told by"), payload.get("told_by", "")),
    ]


def _key(payload: Mapping[str, Any]) -> list[Line]:
    return [(_("Officer"), payload["officer_id"]), (_("Public key"), payload["public_key"])]


DOOR_LINES: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Line]]] = {
    OperationKind.VISIT_STEP: _step,
    OperationKind.VISIT_STOP: _stop,
    OperationKind.VISIT_EVIDENCE: _evidence,
    OperationKind.COMPLAINT_RECORD: _complaint,
    OperationKind.CORRECTION_PROPOSE: _correction,
    OperationKind.CHECK_IN_KEY: _key,
}
