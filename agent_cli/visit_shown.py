"""What is said when a visit ends: the exit, the overrun, what the rules say, and what comes next."""

from agent_cli.actions import visit as actions
from agent_cli.context import DeviceContext
from agent_cli.findings_shown import say_findings
from fieldsync.conduct.visit_findings import met_third_party
from fieldsync.domain.case import Case, HoldKind
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode, Visit
from fieldsync.locale import _
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import note, say

_MINUTE_S = 60


def say_finished(ctx: DeviceContext, case: Case, visit: Visit) -> None:
    """How the visit ended, and what follows from it."""
    code = visit.outcome or OutcomeCode.ABORTED_RULE
    name = case.borrower.name
    say(_("Visit to {name} finished: {outcome}.", name=name, outcome=name_of(code)))
    _say_exit(visit)
    if code in FACE_TO_FACE and not visit.identity_shown and visit.stopped_at is None:
        note(_("CN-ID: the identity cards must be shown. The office will see that they were not."))
    if met_third_party(code):
        told = actions.third_party_findings(ctx, case, visit, actions.notes_of(ctx, visit))
        say_findings(told)
        if not told:
            note(
                _("Nothing of the debt may be told to anybody but the borrower (CN-THIRD-CONTENT).")
            )
    if actions.stops_collection(code):
        note(
            _(
                "Collection on {case_id} is on hold on this device from now on.",
                case_id=case.case_id,
            )
        )
    if code is OutcomeCode.HARDSHIP and not any(h.kind is HoldKind.HARDSHIP for h in case.holds):
        note(_("Next: `fieldsync disclose {case_id}`.", case_id=case.case_id))
    else:
        note(_("Next: `fieldsync today`."))


def _say_exit(visit: Visit) -> None:
    """How long the way out took, and how long the visit went on beyond the limit of the law."""
    if visit.exit_seconds is not None:
        note(_("You were out {seconds} seconds after the stop.", seconds=visit.exit_seconds))
    if visit.overrun_s:
        note(
            _(
                "The visit went on {minutes} minutes beyond its limit. It is kept, and reviewed.",
                minutes=-(-visit.overrun_s // _MINUTE_S),
            )
        )
