"""Records one officer's working day on a real device: twelve visits and notes, two who tell, two who sign."""

import dataclasses
import hashlib
from datetime import date, timedelta
from pathlib import Path

from agent_cli.actions import visit
from agent_cli.actions.agree import sign, sit_down
from agent_cli.actions.disclose import disclose
from agent_cli.actions.door import facts_now, judge
from agent_cli.actions.quote import quote_case
from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries
from fieldsync.conduct.consent import PURPOSE, TEXT_VERSION
from fieldsync.conduct.facts import Action
from fieldsync.domain.agreement import PlanKind, Terms
from fieldsync.domain.case import Case
from fieldsync.domain.disclosure import Disclosure, HardshipCode, Need, SensitiveConsent
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode
from fieldsync.locale import render
from tests.fakes import FixedClock

VISITS = 12
_DRAWING = Path(__file__).parent.parent / "fixtures" / "signatures" / "first.svg"
_FIRST_DUE = date(2026, 12, 25)
# Each as an officer would type it at the door; none twice.
_NOTES = (
    "家中无人，门口有报纸两天未取。邻居说借款人近期上夜班，傍晚六点后在家。",
    "借款人在家，态度配合。说上月工厂停工，工资只发了一半，下月起恢复。",
    "对讲机接听的是借款人母亲，只说请他回电，未提及任何债务。",
    "Met at the door; he asks for letters in English and for calls after seven in the evening.",
    "借款人住院手术后在家休养，家属在场。先听，未谈还款；请其方便时致电热线。",
    "物业说该户三个月前搬走，没有留下新地址。门牌与合同一致。",
    "借款人确认身份，认可欠款，对罚息有疑问。已说明投诉渠道和减免申请办法。",
    "按约到访，提前到楼下等候十分钟。借款人准时，带来了工资流水。",
    "无人应门，楼道灯坏，没有留任何字条。建议改约周末上午。",
    "She runs a stall on the market and is home between two and four; the stall itself is not to be visited.",
    "借款人说妻子失业，两个孩子上学，希望降低每月还款。愿意签分期。",
    "开门的是租客，与借款人不认识，房东电话不便提供。礼貌告辞。",
)
# How each visit ended; whoever is face to face with us has seen who we are.
_OUTCOMES = (
    OutcomeCode.NOBODY,
    OutcomeCode.MET_DEBTOR,
    OutcomeCode.MET_FAMILY,
    OutcomeCode.MET_DEBTOR,
    OutcomeCode.HARDSHIP,
    OutcomeCode.MOVED,
    OutcomeCode.MET_DEBTOR,
    OutcomeCode.PLAN_SIGNED,
    OutcomeCode.NOBODY,
    OutcomeCode.MET_DEBTOR,
    OutcomeCode.PLAN_SIGNED,
    OutcomeCode.MET_OTHER,
)
_ODD_US = 41_617_389
_TELL = frozenset({4, 10})
_SIGN = frozenset({7, 10})


def record_day(ctx: DeviceContext, day: date) -> None:
    """Walk the day's stops in order, and its spares, until twelve visits that may be made are recorded."""
    itinerary = itineraries.of_day(ctx.conn, day)
    if itinerary is None:
        raise RuntimeError("no day is planned for this officer")
    officers = tuple(officer.officer_id for officer in itinerary.officers)
    at = itinerary.shift.start + timedelta(minutes=30, microseconds=_ODD_US)
    number = 0
    places = [stop.case_id for stop in itinerary.stops]
    places += [spare.case_id for spare in itinerary.candidates]
    for case_id in dict.fromkeys(places):
        here = dataclasses.replace(ctx, clock=FixedClock(at))
        case = cases.load_case(ctx.conn, case_id)
        if number < VISITS and _may_be_visited(here, case, officers):
            _visit(here, case, officers, number)
            number, at = number + 1, at + timedelta(minutes=40, microseconds=_ODD_US)
    if number < VISITS:
        raise RuntimeError(f"only {number} visits may be made on this day")


def _may_be_visited(ctx: DeviceContext, case: Case, officers: tuple[str, ...]) -> bool:
    address = visit.address_at(ctx, case, None)
    return judge(ctx, facts_now(ctx, Action.VISIT_START, case, address, officers)).allowed


def _sign(statement: bytes) -> bytes:
    """A proof of the right length: the made-up officers have no keys that it could be held against."""
    return hashlib.sha512(statement).digest()


def _visit(ctx: DeviceContext, case: Case, officers: tuple[str, ...], number: int) -> None:
    """One visit from door to door, twenty minutes."""
    signers = dict.fromkeys(officers, _sign)
    visit.start(ctx, case, visit.address_at(ctx, case, None), officers, signers)
    _pass(ctx, 6)
    visit.note(ctx, case, _NOTES[number], left_behind=False)
    if number in _TELL:
        disclose(ctx, _told(ctx, case))
    if number in _SIGN:
        terms = Terms(PlanKind.INTEREST_FREE, 12, _FIRST_DUE)
        sign(
            ctx,
            case,
            quote_case(ctx, case, terms),
            sit_down(ctx, case, None),
            _DRAWING.read_bytes(),
        )
    _pass(ctx, 14)
    outcome = _OUTCOMES[number]
    shown = True if outcome in FACE_TO_FACE else None
    visit.finish(ctx, case, outcome, identity_shown=shown, promise=None)


def _pass(ctx: DeviceContext, minutes: int) -> None:
    if isinstance(ctx.clock, FixedClock):
        # Real clocks tell microseconds, which do not pack well.
        ctx.clock.go_on(minutes=minutes, microseconds=_ODD_US)


def _told(ctx: DeviceContext, case: Case) -> Disclosure:
    """An illness, kept with consent, and what would help."""
    now = ctx.clock.now()
    return Disclosure(
        disclosure_id=ctx.new_id(),
        case_id=case.case_id,
        visit_id=None,
        at=now,
        told_by="debtor",
        needs=(Need.TIME, Need.LOWER_PAYMENTS),
        category=HardshipCode.ILLNESS_SELF,
        words="上月做了手术，还在休养，暂时不能上班。",
        effect="收入只剩病假工资，约为原来的一半。",
        expected_until=date(2027, 2, 28),
        consent=SensitiveConsent(TEXT_VERSION, now, render(PURPOSE)),
    )
