"""The visit as a state machine: where it stands, and what may come next, or why it may not."""

from enum import StrEnum

from fieldsync.domain.visit import Visit, VisitState, VisitStep
from fieldsync.words import Words, words


class VisitEvent(StrEnum):
    """What an officer may wish to do during a visit, besides its steps."""

    NOTE = "note"
    ATTACH = "attach"
    SIGN = "sign"
    STOP = "stop"
    FINISH = "finish"


class VisitStage(StrEnum):
    """Where a visit stands between check-in and exit."""

    CHECKED_IN = "checked_in"
    IDENTITY_SHOWN = "identity_shown"
    ENTRY_AGREED = "entry_agreed"
    INSIDE = "inside"
    STOPPED = "stopped"
    FINISHED = "finished"


Event = VisitStep | VisitEvent
_TALKING = (VisitStage.IDENTITY_SHOWN, VisitStage.ENTRY_AGREED, VisitStage.INSIDE)
_OPEN = (VisitStage.CHECKED_IN, *_TALKING)
# Every event that some stage allows, with the stage it leads to; what stands nowhere is refused.
_NEXT: dict[tuple[VisitStage, Event], VisitStage] = {
    (VisitStage.CHECKED_IN, VisitStep.IDENTITY_SHOWN): VisitStage.IDENTITY_SHOWN,
    (VisitStage.IDENTITY_SHOWN, VisitStep.ENTRY_AGREED): VisitStage.ENTRY_AGREED,
    # Whether consent was needed, the rules say (CN-ENTRY): some countries' packs ask for none.
    (VisitStage.IDENTITY_SHOWN, VisitStep.ENTERED): VisitStage.INSIDE,
    (VisitStage.ENTRY_AGREED, VisitStep.ENTERED): VisitStage.INSIDE,
    (VisitStage.STOPPED, VisitEvent.FINISH): VisitStage.FINISHED,
    **{(stage, VisitStep.PAPERS_HANDED_OVER): stage for stage in _TALKING},
    **{
        (stage, event): stage
        for stage in _OPEN
        for event in (VisitEvent.NOTE, VisitEvent.ATTACH, VisitEvent.SIGN)
    },
    **{(stage, VisitEvent.STOP): VisitStage.STOPPED for stage in _OPEN},
    **{(stage, VisitEvent.FINISH): VisitStage.FINISHED for stage in _OPEN},
}


def stage_of(visit: Visit) -> VisitStage:
    """Where the visit stands, by what was recorded of it."""
    if visit.state is VisitState.FINISHED:
        return VisitStage.FINISHED
    if visit.stopped_at is not None:
        return VisitStage.STOPPED
    if visit.has_taken(VisitStep.ENTERED):
        return VisitStage.INSIDE
    if visit.has_taken(VisitStep.ENTRY_AGREED):
        return VisitStage.ENTRY_AGREED
    shown = visit.has_taken(VisitStep.IDENTITY_SHOWN)
    return VisitStage.IDENTITY_SHOWN if shown else VisitStage.CHECKED_IN


def after(stage: VisitStage, event: Event) -> VisitStage | Words:
    """The stage that follows the event, or why there is none."""
    following = _NEXT.get((stage, event))
    return _why_not(stage) if following is None else following


def _why_not(stage: VisitStage) -> Words:
    if stage is VisitStage.FINISHED:
        return words("This visit is over.")
    if stage is VisitStage.STOPPED:
        return words("This visit was broken off: nothing but the way out is left.")
    if stage is VisitStage.CHECKED_IN:
        return words("Show both identity cards first; nothing else comes before it (CN-ID).")
    return words("This step is recorded already.")
