"""Shows reviews of hardship to the team: in a list, one whole, and what its passphrase opened."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nacl.public import PrivateKey

from fieldsync.conduct.consent import TEXTS
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import SensitivePart
from fieldsync.domain.hardship_decision import HardshipDecision
from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.locale.record_names import TELLERS, called
from fieldsync.terminal.output import labelled, listed, note, say, table
from server.context import ServerContext
from server.workflow.hardship_reviews import ReviewView
from server.workflow.open_disclosure import Opened, open_paper

_TAIL = 8


def review_table(found: Sequence[ReviewView]) -> str:
    """The reviews a line each, without anything private."""
    heads = [_("Answer by"), _("Id"), _("Case"), _("Borrower"), _("Needs"), _("Told"), _("State")]
    return table([_row(view) for view in found], heads)


def _row(view: ReviewView) -> list[str]:
    review = view.review
    due = review.due.isoformat()
    return [
        _("{day} (overdue)", day=due) if view.is_overdue else due,
        review.disclosure_id[-_TAIL:],
        review.case_id,
        view.borrower,
        _needs(view),
        f"{review.opened_at:%Y-%m-%d}",
        render(name_of(review.state)),
    ]


def _needs(view: ReviewView) -> str:
    if view.disclosure is None:
        return ""
    return listed(render(name_of(need)) for need in view.disclosure.needs)


def review_facts(view: ReviewView) -> dict[str, Any]:
    """The same for programs."""
    review, told = view.review, view.disclosure
    return {
        "disclosure_id": review.disclosure_id,
        "case_id": review.case_id,
        "borrower": view.borrower,
        "officer_id": review.officer_id,
        "opened_at": review.opened_at.isoformat(),
        "due": review.due.isoformat(),
        "overdue": view.is_overdue,
        "state": review.state.value,
        "needs": [need.value for need in told.needs] if told else [],
        "category": told.category.value if told and told.category else None,
        "told_by": told.told_by if told else None,
        "expected_until": to_builtins(told.expected_until) if told else None,
        "review_on": to_builtins(told.review_on) if told else None,
        "sealed": bool(told and told.sealed),
        "decision": _decision_facts(review.decision),
        "decided_by": review.decided_by,
    }


def _decision_facts(decision: HardshipDecision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {name: value for name, value in to_builtins(decision).items() if name != "sealed"}


def say_review(view: ReviewView) -> None:
    """One review, without anything private."""
    review, told = view.review, view.disclosure
    facts = [
        (_("Disclosure"), review.disclosure_id),
        (_("Case"), review.case_id),
        (_("Borrower"), view.borrower),
        (_("Officer"), view.officer),
        (_("State"), render(name_of(review.state))),
        (_("Answer by"), _row(view)[0]),
        (_("Needs"), _needs(view)),
    ]
    if told is not None:
        facts += [
            (_("What happened"), render(name_of(told.category)) if told.category else ""),
            (_("Told by"), called(told.told_by, TELLERS)),
            (_("Until"), told.expected_until.isoformat() if told.expected_until else ""),
            (_("Look again on"), told.review_on.isoformat() if told.review_on else ""),
            (_("Consent"), _consent(view)),
        ]
    if review.decision is not None:
        facts += _answer(review.decision, review.decided_by or "")
    say("\n".join(labelled(name, value) for name, value in facts if value))


def _answer(decision: HardshipDecision, by: str) -> list[tuple[str, str]]:
    return [
        (_("Answer"), listed(render(name_of(relief)) for relief in decision.reliefs)),
        (_("Help to be found"), listed(render(name_of(post)) for post in decision.signposts)),
        (
            _("Collection rests until"),
            decision.hold_until.isoformat() if decision.hold_until else "",
        ),
        (_("Decided by"), by),
    ]


def _consent(view: ReviewView) -> str:
    consent = view.disclosure.consent if view.disclosure else None
    if consent is None:
        return _("no")
    text = TEXTS.get(consent.text_version)
    read = render(text, consent.language or None) if text else consent.text_version
    when = f"{consent.given_at:%Y-%m-%d %H:%M}"
    return _("{when}, text {version}: {text}", when=when, version=consent.text_version, text=read)


def opened_facts(opened: Opened | None) -> dict[str, Any] | None:
    """What the passphrase opened, for programs."""
    if opened is None:
        return None
    return {
        "part": to_builtins(opened.part),
        "note": to_builtins(opened.note),
        "unread": to_builtins(opened.unread),
    }


def say_opened(opened: Opened) -> None:
    """What the passphrase opened."""
    say("")
    if opened.part is None and opened.note is None and opened.unread is None:
        say(_("Nothing private was recorded."))
        return
    lines = _part_lines(opened.part) if opened.part else []
    if opened.note is not None:
        lines += [
            (_("Reason"), opened.note.reason),
            (_("Help to be found"), listed(render(name_of(p)) for p in opened.note.signposts)),
        ]
    if opened.part is None:
        # A record in review, perhaps of another shape: the team reads it as it came.
        lines += [(name, str(value)) for name, value in (opened.unread or {}).items() if value]
    say("\n".join(f"  {labelled(name, value)}" for name, value in lines if value))


def _part_lines(part: SensitivePart) -> list[tuple[str, str]]:
    return [
        (_("What happened"), render(name_of(part.category)) if part.category else ""),
        (_("Words"), part.words),
        (_("Effect on paying"), part.effect),
        (_("Effect on talking"), part.effect_talking),
        (_("Papers seen"), listed(part.evidence_seen)),
        (_("Papers copied"), listed(paper.name for paper in part.papers)),
    ]


def save_papers(
    ctx: ServerContext, keys: Sequence[PrivateKey], part: SensitivePart, folder: Path
) -> None:
    """Write each copy that is here into the folder, for its owner's eyes alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, paper in enumerate(part.papers, start=1):
        content = open_paper(ctx, keys, paper)
        if content is None:
            note(_("{name} has not come yet.", name=paper.name))
            continue
        # The name came from a device: only its last part, under a number, may name a file here.
        path = folder / f"{number}-{Path(paper.name).name}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        note(_("Saved {path}.", path=str(path)))
