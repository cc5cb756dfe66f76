"""Parts what only the hardship team may read from what the officer, the office and the planner need."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fieldsync.conduct.hardship import minimise
from fieldsync.domain.disclosure import (
    SENSITIVE,
    CopiedPaper,
    Disclosure,
    HardshipCode,
    Need,
    SensitivePart,
)

_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_TIME = re.compile(r"[0-9T:.+Z-]{10,40}")
_TELLERS = frozenset({"debtor", "spouse", "family", "colleague", "other"})
_OPEN_CODES = frozenset(HardshipCode) - SENSITIVE


def parted(
    disclosure: Disclosure, papers: tuple[CopiedPaper, ...] = ()
) -> tuple[Disclosure, SensitivePart | None]:
    """The disclosure as everybody may see it, and what of it is to be sealed; None where nothing is.

    Without consent there is nothing to seal: it is not kept at all (`minimise`).
    """
    kept = minimise(disclosure)
    if kept.consent is None:
        return kept, None
    part = SensitivePart(
        disclosure_id=kept.disclosure_id,
        category=kept.category if kept.category in SENSITIVE else None,
        words=kept.words,
        effect=kept.effect,
        effect_talking=kept.effect_talking,
        evidence_seen=kept.evidence_seen,
        papers=papers,
    )
    is_empty = part == SensitivePart(disclosure_id=kept.disclosure_id)
    return _in_the_clear(kept), None if is_empty else part


def without_consent(disclosure: Disclosure) -> Disclosure:
    """What stays after consent was withdrawn: the need, and nothing that was sealed."""
    return minimise(replace(disclosure, consent=None))


def shown_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a disclosure as it may be shown outside the hardship team.

    Only codes, ids and times that are such by their form come through, so that neither an older
    program's plain words nor a spoilt record tells more. `sealed` says whether there is more.
    """
    found = {name: keep(payload.get(name)) for name, keep in _SHOWN.items()}
    hidden = any(value for name, value in payload.items() if not found.get(name))
    return {**found, "sealed": hidden}


def _in_the_clear(kept: Disclosure) -> Disclosure:
    return replace(
        kept,
        category=None if kept.category in SENSITIVE else kept.category,
        words="",
        effect="",
        effect_talking="",
        evidence_seen=(),
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _one_of(codes: frozenset[Any]) -> Callable[[object], str | None]:
    known = {str(code) for code in codes}
    return lambda value: value if isinstance(value, str) and value in known else None


def _needs(value: object) -> list[str]:
    known = set(Need)
    return (
        [one for one in value if isinstance(one, str) and one in known]
        if isinstance(value, list | tuple)
        else []
    )


def _copied(value: object) -> int:
    return len(value) if isinstance(value, list | tuple) else 0


def _consent(value: object) -> dict[str, str | None] | None:
    if not isinstance(value, Mapping):
        return None
    return {
        "text_version": _matching(_ID)(value.get("text_version")),
        "given_at": _matching(_TIME)(value.get("given_at")),
    }


_SHOWN: Mapping[str, Callable[[object], object]] = {
    "disclosure_id": _matching(_ID),
    "case_id": _matching(_ID),
    "visit_id": _matching(_ID),
    "at": _matching(_TIME),
    "told_by": _one_of(_TELLERS),
    "needs": _needs,
    "category": _one_of(_OPEN_CODES),
    "expected_until": _matching(_TIME),
    "review_on": _matching(_TIME),
    "consent": _consent,
    "evidence_copied": _copied,
}
