"""Why a case is on the road or not, in both languages at once: an assessment is a record, kept whole."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from fieldsync.conduct.local_time import local
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case, Channel, Reached
from fieldsync.domain.verdict import Finding

_LOOK_BACK_DAYS = 30


def by_appointment(agreed: Window, zone: str) -> Mapping[str, str]:
    """The borrower asked for this visit."""
    start, end = (local(at, zone).strftime("%H:%M") for at in (agreed.start, agreed.end))
    return {
        "en": f"The borrower agreed to this visit between {start} and {end}.",
        "zh-CN": f"借款人已约定 {start} 至 {end} 上门。",
    }


def last_resort(case: Case, stage: str, day: date, zone: str) -> Mapping[str, str]:
    """How long overdue, what was tried, and when the borrower was last spoken to."""
    overdue = case.loan.days_past_due_on(day)
    since = day - timedelta(days=_LOOK_BACK_DAYS - 1)
    tried = {
        (contact.channel, local(contact.at, zone).date())
        for contact in case.contacts
        if contact.channel != Channel.VISIT and since <= local(contact.at, zone).date() <= day
    }
    channels, days = len({channel for channel, _ in tried}), len({on for _, on in tried})
    spoken_en, spoken_zh = _last_spoken(case, day, zone)
    return {
        "en": f"{stage}, {overdue} days overdue; {channels} channels tried on {days} days within "
        f"{_LOOK_BACK_DAYS}; {spoken_en}.",
        "zh-CN": f"{stage}，逾期 {overdue} 天；{_LOOK_BACK_DAYS} 天内通过 {channels} 种渠道"
        f"在 {days} 天尝试联系；{spoken_zh}。",
    }


def not_on_the_road(reasons: Sequence[Finding]) -> Mapping[str, str]:
    """Every rule that stops the visit, in its own words."""
    return {
        "en": "Not to be visited: " + " ".join(finding.message["en"] for finding in reasons),
        "zh-CN": "不上门：" + "".join(finding.message["zh-CN"] for finding in reasons),
    }


def _last_spoken(case: Case, day: date, zone: str) -> tuple[str, str]:
    spoken = [
        on
        for contact in case.contacts
        if contact.reached is Reached.DEBTOR and (on := local(contact.at, zone).date()) <= day
    ]
    if not spoken:
        return "never spoken to", "尚未与本人沟通过"
    last = max(spoken).isoformat()
    return f"last spoken to on {last}", f"最近一次与本人沟通是 {last}"
