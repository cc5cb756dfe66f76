"""What a rule says: findings with their citation, and the verdict they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Strength(StrEnum):
    """How binding a rule is."""

    LAW = "law"
    PRESUMPTION = "presumption"
    STANDARD = "standard"
    DRAFT = "draft"
    HOUSE = "house"


class Effect(StrEnum):
    """What a rule does when it applies."""

    BLOCK = "block"
    END = "end"
    FLAG = "flag"
    HOLD = "hold"
    TIMER = "timer"
    REQUIRE = "require"


# Effects that stop the action they were found on; `end` is found only on a visit under way.
STOPPING = frozenset({Effect.BLOCK, Effect.END, Effect.HOLD})


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that applies: the citation, both languages, and the facts it looked at.

    `message` maps "en" and "zh-CN" to whole sentences, `cited` to the citation in that language alone
    (empty on findings of older programs); `facts` never holds personal data.
    """

    rule: str
    effect: Effect
    strength: Strength
    citation: str
    message: Mapping[str, str]
    facts: Mapping[str, object] = field(default_factory=dict)
    cited: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings on one action; it is allowed when none of them stops it."""

    findings: tuple[Finding, ...] = ()
    packs: Mapping[str, str] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Whether the action may go on."""
        return not any(finding.effect in STOPPING for finding in self.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that stop the action."""
        return tuple(f for f in self.findings if f.effect in STOPPING)
