"""What the officer should see besides the day's stops: promises due, and colleagues who are overdue."""

from datetime import date, datetime, timedelta

from agent_cli.context import DeviceContext
from agent_cli.store import under_way
from agent_cli.store.promises import Promised, open_promises
from fieldsync.locale import _
from fieldsync.terminal.output import note, say, style

# A promise shows from two days before it falls due.
_AHEAD = timedelta(days=2)


def say_besides(ctx: DeviceContext) -> None:
    """A line for each; nothing where there is nothing."""
    now = ctx.clock.now()
    for visit in under_way.of_colleagues(ctx.conn):
        end = datetime.fromisoformat(visit["expected_end"]) if visit["expected_end"] else None
        if end is not None and end < now:
            line = _(
                "{officers} are overdue at {case_id}: expected to end at {time}. Call them.",
                officers=", ".join(visit["officers"]),
                case_id=visit["case_id"],
                time=end.astimezone(now.tzinfo).strftime("%H:%M"),
            )
            note(style(line, bold=True))
    for promise in _promises(ctx):
        say(_line(promise, now.date()))


def besides_facts(ctx: DeviceContext) -> dict[str, object]:
    """The same for JSON: `promises`, and `visits_under_way` of this device and of colleagues."""
    now = ctx.clock.now()
    own = under_way.own(ctx.conn)
    told = ([own] if own else []) + list(under_way.of_colleagues(ctx.conn))
    return {
        "promises": [
            {
                "case_id": promise.case_id,
                "due": promise.due,
                "amount_minor": promise.amount,
                "currency": promise.currency,
                "overdue": promise.due < now.date().isoformat(),
            }
            for promise in _promises(ctx)
        ],
        "visits_under_way": [
            {
                "visit_id": visit["visit_id"],
                "case_id": visit["case_id"],
                "officers": visit["officers"],
                "expected_end": visit.get("expected_end"),
                "overdue": _is_over(visit.get("expected_end"), now),
            }
            for visit in told
        ],
    }


def _promises(ctx: DeviceContext) -> tuple[Promised, ...]:
    return open_promises(ctx.conn, (ctx.clock.now().date() + _AHEAD).isoformat())


def _is_over(expected_end: str | None, now: datetime) -> bool:
    return expected_end is not None and datetime.fromisoformat(expected_end) < now


def _line(promise: Promised, today: date) -> str:
    day = date.fromisoformat(promise.due)
    what = f"{promise.case_id} {promise.name}"
    if promise.amount is not None:
        from fieldsync.domain.money import Money

        what += f" {Money(promise.amount, promise.currency)}"
    if day == today:
        return _("Promise due today: {what}.", what=what)
    if day > today:
        return _("Promise due on {day}: {what}.", day=promise.due, what=what)
    return _("Promise overdue since {day}: {what}.", day=promise.due, what=what)
