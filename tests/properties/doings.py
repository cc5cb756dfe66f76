"""What an officer does at a door, as the program's commands do it; a rule's no is part of the day."""

from collections.abc import Callable
from datetime import timedelta

from agent_cli.actions import agree as agreeing
from agent_cli.actions import visit as visits
from agent_cli.actions.disclose import disclose
from agent_cli.actions.quote import quote_case
from agent_cli.context import DeviceContext
from agent_cli.store import cases
from agent_cli.store.visits import running as running_visit
from fieldsync.agreements.mandate import HOUSE_MANDATE
from fieldsync.agreements.terms import terms_of
from fieldsync.domain.agreement import PlanKind
from fieldsync.domain.case import Case
from fieldsync.domain.disclosure import Disclosure, Need
from fieldsync.domain.visit import OutcomeCode
from fieldsync.errors import FieldsyncError
from tests.agent_cli.made_up import SIGNERS
from tests.properties.branch import marker

Doing = Callable[[DeviceContext, str], None]
_DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
    b'<path d="M20 70 C40 10 60 10 65 60" fill="none" stroke="#102030"/></svg>'
)


def start(ctx: DeviceContext, case_id: str) -> None:
    """Begin a visit by two."""
    case = cases.load_case(ctx.conn, case_id)
    visits.start(ctx, case, case.addresses[0], ("O-0001", "O-0002"), SIGNERS)


def _under_way(ctx: DeviceContext, case_id: str) -> Case:
    """The case whose visit is under way; one of this case begins where there is none."""
    running = running_visit(ctx.conn)
    if running is None:
        start(ctx, case_id)
    return cases.load_case(ctx.conn, running.case_id if running else case_id)


def note(ctx: DeviceContext, case_id: str) -> None:
    """Keep a remark that says which case it is of, so that traces of records can be searched for too."""
    case = _under_way(ctx, case_id)
    visits.note(ctx, case, f"the gate is blue: {marker(case.case_id)}", left_behind=False)


def finish(ctx: DeviceContext, case_id: str) -> None:
    """End the visit with nobody met."""
    case = _under_way(ctx, case_id)
    visits.finish(ctx, case, OutcomeCode.NOBODY, identity_shown=None, promise=None)


def dispute(ctx: DeviceContext, case_id: str) -> None:
    """End the visit with an outcome that stops collection."""
    case = _under_way(ctx, case_id)
    visits.finish(ctx, case, OutcomeCode.DISPUTE, identity_shown=True, promise=None)


def hardship(ctx: DeviceContext, case_id: str) -> None:
    """Record that the borrower needs time."""
    told = Disclosure(ctx.new_id(), case_id, None, ctx.clock.now(), "debtor", (Need.TIME,))
    disclose(ctx, told)


def agree(ctx: DeviceContext, case_id: str) -> None:
    """Sign a plan of three instalments; its two files go up after its record."""
    case = _under_way(ctx, case_id)
    first_due = ctx.clock.now().date() + timedelta(days=30)
    terms = terms_of(PlanKind.INTEREST_FREE, 3, first_due, None, HOUSE_MANDATE)
    table = agreeing.sit_down(ctx, case, None)
    agreeing.sign(ctx, case, quote_case(ctx, case, terms), table, _DRAWING)


DOINGS: dict[str, Doing] = {
    "start": start,
    "note": note,
    "finish": finish,
    "dispute": dispute,
    "hardship": hardship,
    "agree": agree,
}


def attempt(ctx: DeviceContext, name: str, case_id: str) -> str | None:
    """Do it; the code of the no where a rule or the state of the day says no, never a broken copy."""
    try:
        DOINGS[name](ctx, case_id)
    except FieldsyncError as error:
        if error.code.startswith("602"):
            raise
        return error.code
    return None
