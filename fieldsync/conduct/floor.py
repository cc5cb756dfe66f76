"""What holds whatever packs are loaded: no hour can be judged by a broken clock, nor a place without rules.

These two are no bank's choice, so they stand in code: leaving out a pack can never open a door.
"""

from collections.abc import Iterable
from datetime import date

from fieldsync.conduct.conditions.clocks import ClockImplausible
from fieldsync.conduct.conditions.standing import CountryKnown
from fieldsync.conduct.facts import CONTACTING, Action
from fieldsync.conduct.ruleset import Citation, Rule, Ruleset
from fieldsync.domain.verdict import Effect, Strength

_CITATION = Citation(
    "Fieldsync 内置规则 / Rules built into Fieldsync",
    "",
    date(2026, 11, 1),
    "fieldsync/conduct/floor.py",
)

CLOCK = Rule(
    rule_id="HOUSE-CLOCK",
    actions=CONTACTING,
    effect=Effect.BLOCK,
    strength=Strength.HOUSE,
    citation=_CITATION,
    verified=True,
    when=ClockImplausible(),
    message={
        "en": "This device's clock cannot be believed, so no hour can be judged. Sync, or set the clock right.",
        "zh-CN": "本设备时钟不可信，无法判断时段。请同步或校准时钟。",
    },
    written={"clock_implausible": True},
)
# Also for a purge: where no pack is loaded nobody knows what the law keeps.
COUNTRY = Rule(
    rule_id="HOUSE-COUNTRY",
    actions=CONTACTING | {Action.RECORD_PURGE},
    effect=Effect.BLOCK,
    strength=Strength.HOUSE,
    citation=_CITATION,
    verified=True,
    when=CountryKnown(),
    message={
        "en": "There are no rules on file for {country}, so nobody is contacted there and nothing is deleted.",
        "zh-CN": "尚无适用于 {country} 的规则，暂不在当地联系，也不删除记录。",
    },
    written={"no_pack_of_the_country": True},
)
FLOOR = Ruleset("floor", "1", "*", (CLOCK, COUNTRY))


def floor_under(packs: Iterable[Ruleset]) -> tuple[Rule, ...]:
    """The built-in rules that apply beside the packs that cover a place.

    A house pack knows no country's hours, so it never stands for the pack of one.
    """
    return (CLOCK,) if any(not pack.is_house for pack in packs) else (CLOCK, COUNTRY)
