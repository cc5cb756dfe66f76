"""May we? Asked at the door with the facts on this device, by the packs the server sent."""

import json
from datetime import datetime

from agent_cli.context import DeviceContext
from agent_cli.store import mirror
from agent_cli.store.clock_readings import clock_error
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.place import Address
from fieldsync.domain.verdict import Verdict
from fieldsync.errors import LocalCopyError
from fieldsync.sync.feed import KeyKind
from fieldsync.words import words


def packs_of(ctx: DeviceContext) -> tuple[Ruleset, ...]:
    """The rule packs on this device; LocalCopyError 602.11 where there is none: then nothing may start."""
    packs = tuple(
        parse_ruleset(json.loads(text)["toml"]) for text in mirror.bodies(ctx.conn, KeyKind.RULESET)
    )
    if not packs:
        raise LocalCopyError(
            "602.11",
            words("There are no conduct rules on this device, so no visit may start."),
            words("Run `fieldsync sync` where there is a network."),
        )
    return packs


def facts_now(
    ctx: DeviceContext,
    action: Action,
    case: Case,
    address: Address,
    officers: tuple[str, ...],
) -> Facts:
    """What is known now about doing this, here."""
    return facts_of(
        case,
        address,
        ctx.clock.now(),
        officers,
        action=action,
        clock_plausible=clock_error(ctx.conn, ctx.clock) is None,
    )


def judge(ctx: DeviceContext, facts: Facts) -> Verdict:
    """The verdict of every pack on this device."""
    return evaluate(facts, packs_of(ctx))


def must_leave_by(ctx: DeviceContext, facts: Facts) -> datetime | None:
    """When the span in which this may be done ends today, so that the officers are warned before."""
    spans: tuple[Window, ...] = windows(facts, packs_of(ctx), facts.at.date())
    return next((span.end for span in spans if span.contains(facts.at)), None)
