"""The actions of a day that the fault tests break, each with what must be there before it."""

from dataclasses import replace
from datetime import date

from agent_cli.actions import agree as agreeing
from agent_cli.actions import visit as visits
from agent_cli.actions.apply_pull import apply_pull
from agent_cli.actions.disclose import disclose
from agent_cli.actions.quote import quote_case
from agent_cli.actions.replan import Cause, accept, propose
from agent_cli.context import DeviceContext
from agent_cli.store import cases, staging
from agent_cli.store.database import writing
from agent_cli.store.staging import Place
from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.agreements.terms import terms_of
from fieldsync.domain.agreement import PlanKind
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.domain.visit import OutcomeCode
from fieldsync.sync.feed import FeedOp, FeedRow
from tests.agent_cli.made_up import SIGNERS, at, make_case
from tests.faults.failing import Action
from tests.faults.visit_actions import VISIT_ACTIONS

CASE = "C-000001"
_DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    b'<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)


def nothing(_ctx: DeviceContext) -> None:
    """No preparation."""


def start(ctx: DeviceContext) -> None:
    """Begin a visit by two."""
    case = cases.load_case(ctx.conn, CASE)
    visits.start(ctx, case, case.addresses[0], ("O-0001", "O-0002"), SIGNERS)


def start_alone(ctx: DeviceContext) -> None:
    """Ask for a visit that the rules refuse: the asking is recorded."""
    case = cases.load_case(ctx.conn, CASE)
    visits.start(ctx, case, case.addresses[0], ("O-0001",), SIGNERS)


def note(ctx: DeviceContext) -> None:
    """Keep a remark."""
    visits.note(ctx, cases.load_case(ctx.conn, CASE), "gate code 4", left_behind=False)


def finish(ctx: DeviceContext) -> None:
    """End a visit with an outcome that stops collection."""
    case = cases.load_case(ctx.conn, CASE)
    visits.finish(ctx, case, OutcomeCode.DISPUTE, identity_shown=True, promise=None)


def hardship(ctx: DeviceContext) -> None:
    """Record a hardship."""
    disclose(ctx, Disclosure("D-1", CASE, None, at(10), "debtor", (Need.TIME,)))


def sign(ctx: DeviceContext) -> None:
    """Sign a plan."""
    case = cases.load_case(ctx.conn, CASE)
    terms = terms_of(PlanKind.INTEREST_FREE, 3, date(2026, 12, 25), None, HOUSE_MANDATE)
    table = agreeing.sit_down(ctx, case, None)
    agreeing.sign(ctx, case, quote_case(ctx, case, terms), table, _DRAWING)


def replan(ctx: DeviceContext) -> None:
    """Keep another order of the day."""
    proposal = propose(ctx, Cause()).replan
    accept(ctx, proposal.itinerary, "roadworks")


def stage_a_pull(ctx: DeviceContext) -> None:
    """A page that changes one case, takes another away and brings a third."""
    changed = replace(make_case(1), version=2)
    rows = [
        FeedRow(f"case:{CASE}", FeedOp.PUT, 2, to_builtins(changed)),
        FeedRow("case:C-000002", FeedOp.REMOVE, 2),
        FeedRow("roster:OTHER", FeedOp.PUT, 1, {"branch": "OTHER", "officers": []}),
    ]
    with writing(ctx.conn) as conn:
        staging.stage(conn, rows)
        staging.move_to(conn, Place("cursor-2", whole=False))


def apply(ctx: DeviceContext) -> None:
    """Make the staged pull visible."""
    apply_pull(ctx, staging.place(ctx.conn), None)


def take_a_page(ctx: DeviceContext) -> None:
    """Keep a page aside and note how far it reaches, in one transaction."""
    with writing(ctx.conn) as conn:
        staging.stage(conn, [FeedRow("roster:OTHER", FeedOp.PUT, 1, {"officers": []})])
        staging.stage(conn, [FeedRow("roster:THIRD", FeedOp.PUT, 1, {"officers": []})])
        staging.move_to(conn, Place("cursor-2", whole=False))


def start_over(ctx: DeviceContext) -> None:
    """Let go of a pull whose place is gone: everything anew."""
    with writing(ctx.conn) as conn:
        staging.start_over(conn)


def settle_and_stage_removal(ctx: DeviceContext) -> None:
    """A record that the server has accepted, of a case that then leaves."""
    hardship(ctx)
    with writing(ctx.conn) as conn:
        conn.execute("UPDATE journal SET state = 'accepted'")
        staging.stage(conn, [FeedRow(f"case:{CASE}", FeedOp.REMOVE, 2)])
        staging.move_to(conn, Place("cursor-2", whole=False))


ACTIONS: dict[str, tuple[Action, Action]] = {
    "visit start": (nothing, start),
    "visit refused": (nothing, start_alone),
    "visit note": (start, note),
    "visit finish": (start, finish),
    "disclose": (nothing, hardship),
    "agree": (start, sign),
    "replan": (hardship, replan),
    "apply a pull": (stage_a_pull, apply),
    "take a page": (nothing, take_a_page),
    "start a pull over": (stage_a_pull, start_over),
    "forget a case": (settle_and_stage_removal, apply),
    **VISIT_ACTIONS,
}
