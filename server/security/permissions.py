"""Who may do what in the office: one table of roles and actions, each for the own branch, any or none.

Every page and every decision asks `may`; nothing else in the office knows roles. Whoever has the
server's shell is its operator and is not asked here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is in the office."""

    BRANCH_MANAGER = "branch_manager"
    REVIEWER = "reviewer"
    HARDSHIP = "hardship"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Action(StrEnum):
    """What can be done in the office; where two people are needed, one asks and another grants."""

    CASES_SEE = "cases_see"
    REVIEW_DECIDE = "review_decide"
    HARDSHIP_SEE = "hardship_see"
    WAIVER_ASK = "waiver_ask"
    WAIVER_GRANT = "waiver_grant"
    LIFT_ASK = "lift_ask"
    LIFT_GRANT = "lift_grant"
    DEVICE_ASK = "device_ask"
    DEVICE_GRANT = "device_grant"
    GLASS_BREAK = "glass_break"
    RECORD_SEE = "record_see"


class Scope(StrEnum):
    """Where a role may act."""

    NONE = "none"
    OWN = "own"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of somebody at a branch; an empty branch is nobody's own."""

    role: Role
    branch: str = ""


_ROLES = tuple(Role)
# The columns stand in the order of `Role`:
#                       manager reviewer hardship compliance auditor operator
_ROWS: Mapping[Action, str] = {
    Action.CASES_SEE:      "own     own      any      any        any     none",
    Action.REVIEW_DECIDE:  "own     own      none     none       none    none",
    Action.HARDSHIP_SEE:   "none    none     any      none       none    none",
    Action.WAIVER_ASK:     "own     own      none     none       none    none",
    Action.WAIVER_GRANT:   "own     none     none     any        none    none",
    Action.LIFT_ASK:       "own     own      any      none       none    none",
    Action.LIFT_GRANT:     "own     none     any      any        none    none",
    Action.DEVICE_ASK:     "own     own      none     none       none    any",
    Action.DEVICE_GRANT:   "own     none     none     any        none    any",
    Action.GLASS_BREAK:    "any     any      none     none       none    none",
    Action.RECORD_SEE:     "own     none     none     any        any     any",
}  # fmt: skip
TABLE: Mapping[tuple[Role, Action], Scope] = MappingProxyType(
    {
        (role, action): Scope(scope)
        for action, row in _ROWS.items()
        for role, scope in zip(_ROLES, row.split(), strict=True)
    }
)


def may(grants: Iterable[Grant], action: Action, branch: str) -> bool:
    """Whether somebody with these roles may do it at the branch."""
    return any(_reaches(grant, action, branch) for grant in grants)


def may_anywhere(grants: Iterable[Grant], action: Action) -> bool:
    """Whether somebody with these roles may do it at one branch at least."""
    return any(_reaches(grant, action, grant.branch) for grant in grants)


def branches_where(grants: Iterable[Grant], action: Action) -> frozenset[str] | None:
    """The branches at which somebody with these roles may do it; None for every branch."""
    reach = [(TABLE[grant.role, action], grant.branch) for grant in grants]
    if any(scope is Scope.ANY for scope, _branch in reach):
        return None
    return frozenset(branch for scope, branch in reach if scope is Scope.OWN and branch)


def with_glass(grants: Iterable[Grant], branches: Iterable[str]) -> tuple[Grant, ...]:
    """The roles of somebody who broke the glass: held at those branches too, for as long as it lasts."""
    own = tuple(grants)
    return (*own, *(Grant(grant.role, branch) for branch in branches for grant in own))


def _reaches(grant: Grant, action: Action, branch: str) -> bool:
    scope = TABLE[grant.role, action]
    if scope is Scope.OWN:
        return bool(branch) and grant.branch == branch
    return scope is Scope.ANY
