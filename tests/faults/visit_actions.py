"""The steps of a visit that the fault tests break, each with what must be there before it."""

from agent_cli.actions import visit as visits
from agent_cli.actions import visit_steps
from agent_cli.actions.check_in import set_secret
from agent_cli.context import DeviceContext
from agent_cli.store import cases
from agent_cli.store.visits import running
from fieldsync.domain.case import Case
from fieldsync.domain.visit import OutcomeCode, StopCause, Visit, VisitStep
from tests.agent_cli.made_up import SECRETS, SIGNERS
from tests.faults.failing import Action

CASE = "C-000001"


def at_the_door(ctx: DeviceContext) -> None:
    """Two officers have checked in."""
    case = cases.load_case(ctx.conn, CASE)
    visits.start(ctx, case, case.addresses[0], ("O-0001", "O-0002"), SIGNERS)


def _under_way(ctx: DeviceContext) -> tuple[Case, Visit]:
    visit = running(ctx.conn, CASE)
    assert visit is not None
    return cases.load_case(ctx.conn, CASE), visit


def identity(ctx: DeviceContext) -> None:
    """Both cards are shown."""
    case, visit = _under_way(ctx)
    visit_steps.take_step(ctx, case, visit, VisitStep.IDENTITY_SHOWN)


def identity_shown(ctx: DeviceContext) -> None:
    """A visit whose officers have shown their cards."""
    at_the_door(ctx)
    identity(ctx)


def enter_unasked(ctx: DeviceContext) -> None:
    """Go in without anybody's word: refused, and the asking recorded."""
    case, visit = _under_way(ctx)
    visit_steps.enter(ctx, case, visit, agreed=False)


def enter(ctx: DeviceContext) -> None:
    """Go in with their word: two records."""
    case, visit = _under_way(ctx)
    visit_steps.enter(ctx, case, visit, agreed=True)


def leave(ctx: DeviceContext) -> None:
    """Break the visit off: the stop and the hold."""
    case, visit = _under_way(ctx)
    visit_steps.stop(ctx, case, visit, StopCause.DISTRESS)


def broken_off(ctx: DeviceContext) -> None:
    """A visit of which only the way out is left."""
    at_the_door(ctx)
    leave(ctx)


def go_out(ctx: DeviceContext) -> None:
    """The exit after a stop."""
    case, _visit = _under_way(ctx)
    visits.finish(ctx, case, OutcomeCode.ABORTED_RULE, identity_shown=None, promise=None)


def change_secret(ctx: DeviceContext) -> None:
    """Another secret, by whoever knows the old one."""
    set_secret(ctx, "lantern gravel otter", SECRETS["O-0001"])


def nothing(_ctx: DeviceContext) -> None:
    """No preparation."""


VISIT_ACTIONS: dict[str, tuple[Action, Action]] = {
    "visit identity": (at_the_door, identity),
    "visit enter refused": (identity_shown, enter_unasked),
    "visit enter": (identity_shown, enter),
    "visit leave": (at_the_door, leave),
    "visit finish after a stop": (broken_off, go_out),
    "secret set": (nothing, change_secret),
}
