"""Shows how a new order of the day differs from the one that stands, and every order that was kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent_cli.shown import clock_time
from agent_cli.store.orders import Order
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.locale import _, render
from fieldsync.planner.day_changes import Change, Move, changes
from fieldsync.terminal.output import note, say, table
from fieldsync.words import Words, words

_MOVES = {
    Move.DONE: words("visited"),
    Move.SAME: words("as before"),
    Move.ADDED: words("new"),
    Move.DROPPED: words("dropped"),
}


def say_changes(
    old: Itinerary,
    new: Itinerary,
    visited: Sequence[str],
    known: Mapping[str, Case],
    reasons: Mapping[str, Words],
) -> None:
    """The stops before and after, the break and the way home."""
    rows = []
    for change in changes(old, new, visited):
        case = known.get(change.case_id)
        rows.append(
            (
                change.case_id,
                case.borrower.name if case else "",
                _time(change.before),
                _time(change.after),
                _move(change),
            )
        )
    say(table(rows, (_("Case"), _("Name"), _("Before"), _("Now"), _("Change"))))
    for case_id, why in reasons.items():
        say(f"{case_id}: {render(why)}")
    if old.lunch or new.lunch:
        say(_("Lunch: {before} -> {after}", before=_span(old.lunch), after=_span(new.lunch)))
    say(
        _(
            "Back at {time}, before at {before}.",
            time=clock_time(new.return_at),
            before=clock_time(old.return_at),
        )
    )


def say_missed(missed: Mapping[str, Words]) -> None:
    """New appointments for which no place was found, each with the reason."""
    for case_id, why in missed.items():
        note(_("{case_id} cannot be kept: {reason}", case_id=case_id, reason=render(why)))


def changes_facts(
    old: Itinerary, new: Itinerary, visited: Sequence[str]
) -> list[dict[str, object]]:
    """The same for JSON; `minutes` is by how much a stop moves, later counted up."""
    return [
        {
            "case_id": change.case_id,
            "move": change.move.value,
            "before": to_builtins(change.before),
            "after": to_builtins(change.after),
            "minutes": change.minutes,
        }
        for change in changes(old, new, visited)
    ]


def say_orders(published: Itinerary, kept: Sequence[Order]) -> None:
    """Every order of the day, the newest first; the office's own is the last."""
    rows = [
        (
            _order_name(order),
            clock_time(datetime.fromisoformat(order.at)) if order.at else "",
            order.author or _("you"),
            ", ".join(stop.case_id for stop in order.itinerary.stops),
            order.reason,
        )
        for order in kept
    ]
    stops = ", ".join(stop.case_id for stop in published.stops)
    rows.append((_("published") if kept else _("in force"), "", _("the office"), stops, ""))
    head = (_("Order"), _("Time"), _("By"), _("Stops"), _("Reason"))
    say(table(rows, head, last=3))
    offered = sorted(
        {c.case_id for c in published.candidates} - {s.case_id for s in published.stops}
    )
    if offered:
        say(_("Spares: {cases}", cases=", ".join(offered)))


def orders_facts(published: Itinerary, kept: Sequence[Order]) -> list[dict[str, object]]:
    """The same for JSON."""
    facts: list[dict[str, object]] = [
        {
            "op_id": order.op_id,
            "by": order.author or None,
            "at": order.at or None,
            "reason": order.reason,
            "in_force": order.in_force,
            "undoes": order.undoes,
            "undone_by": order.undone_by,
            "stops": [stop.case_id for stop in order.itinerary.stops],
        }
        for order in kept
    ]
    office: dict[str, object] = {
        "op_id": None,
        "by": None,
        "at": None,
        "reason": "",
        "in_force": not kept,
        "undoes": None,
        "undone_by": None,
        "stops": [stop.case_id for stop in published.stops],
    }
    return [*facts, office]


def _order_name(order: Order) -> str:
    if order.in_force:
        return _("in force")
    return _("taken back") if order.undone_by else _("former")


def _move(change: Change) -> str:
    if change.move in _MOVES:
        return render(_MOVES[change.move])
    minutes = abs(change.minutes)
    if change.move is Move.EARLIER:
        return _("{minutes} min earlier", minutes=minutes)
    return _("{minutes} min later", minutes=minutes)


def _time(instant: datetime | None) -> str:
    return "-" if instant is None else clock_time(instant)


def _span(window: Window | None) -> str:
    return "-" if window is None else f"{clock_time(window.start)}-{clock_time(window.end)}"
