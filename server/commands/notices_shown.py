"""How notices look on a terminal and in JSON."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.notice import Notice, NoticeState
from fieldsync.locale import _, language, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import labelled, note, pick, say, table
from server.store.notices import StoredNotice
from server.workflow.send_notices import Sent

_TAIL = 8


def notice_rows(found: Sequence[StoredNotice]) -> list[dict[str, Any]]:
    """Notices for JSON; the text is left out, since lists are copied about."""
    return [_row(one) for one in found]


def sent_rows(sent: Sequence[Sent]) -> list[dict[str, Any]]:
    """What became of each, for JSON."""
    return [
        {**_row(one.stored), "error": render(one.error.message) if one.error else None}
        for one in sent
    ]


def notice_table(found: Sequence[StoredNotice]) -> str:
    """One line a notice."""
    rows = [
        (
            one.notice.notice_id[-_TAIL:],
            one.notice.case_id,
            when(one.notice),
            render(name_of(one.state)),
            one.channel,
            remark(one),
        )
        for one in found
    ]
    head = (_("Notice"), _("Case"), _("Visit"), _("State"), _("Channel"), _("Remark"))
    return table(rows, head, last=5)


def say_notice(one: StoredNotice) -> None:
    """The letter, after what became of it."""
    say(labelled(_("Notice"), one.notice.notice_id))
    say(labelled(_("Case"), one.notice.case_id))
    say(labelled(_("State"), render(name_of(one.state))))
    if remark(one):
        say(labelled(_("Remark"), remark(one)))
    say("")
    say(one.notice.subject)
    say("")
    say(one.notice.text)


def say_sent(sent: Sequence[Sent], *, dry_run: bool) -> None:
    """What became of each, then the counts."""
    if not sent:
        note(_("Nothing is waiting here."))
        return
    say(notice_table([one.stored for one in sent]))
    for one in sent:
        if one.error is not None:
            note(f"{one.stored.notice.case_id}: {render(one.error.message)}")
            if one.error.hint is not None:
                note(f"  {render(one.error.hint)}")
    done = NoticeState.WRITTEN if dry_run else NoticeState.GIVEN
    counts = {
        "given": sum(one.stored.state is done for one in sent),
        "refused": sum(one.stored.state is NoticeState.REFUSED for one in sent),
        "failed": sum(one.error is not None for one in sent),
    }
    told = (
        _("{given} would be given, {refused} are refused by a rule.", **counts)
        if dry_run
        else _("{given} given, {refused} refused by a rule, {failed} failed.", **counts)
    )
    note(told)


def when(notice: Notice) -> str:
    """The time it names, at the borrower's place."""
    zone = ZoneInfo(notice.zone)
    start, end = notice.window.start.astimezone(zone), notice.window.end.astimezone(zone)
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"


def remark(one: StoredNotice) -> str:
    """The answer, the rule that refuses it, or its last trouble."""
    if one.notice.answer is not None:
        return render(name_of(one.notice.answer.kind))
    if one.state is NoticeState.REFUSED and one.notice.refusals:
        first = one.notice.refusals[0]
        return f"{first.rule}: {pick(first.message, language())}"
    if one.state is NoticeState.SENDING:
        return _("nobody knows whether it arrived")
    return one.notice.trouble


def _row(one: StoredNotice) -> dict[str, Any]:
    notice: dict[str, Any] = to_builtins(one.notice)
    del notice["text"]
    return {
        **notice,
        "branch": one.branch,
        "day": one.day.isoformat(),
        "channel": one.channel,
        "state": one.state.value,
        "written_at": one.written_at.isoformat(),
        "given_at": one.given_at.isoformat() if one.given_at else None,
        "packs": dict(one.packs),
    }
