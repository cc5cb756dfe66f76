"""The table of permissions, role by role, action by action, at the own branch and at another."""

from itertools import product
from pathlib import Path

import pytest

from server.security.permissions import (
    TABLE,
    Action,
    Grant,
    Role,
    Scope,
    may,
    may_anywhere,
    with_glass,
)

OWN, OTHER = "SZ-NANSHAN", "SZ-FUTIAN"
# Written a second time, on purpose and in another shape: at the own branch, and at another one.
AT_OWN = {
    Role.BRANCH_MANAGER: {
        "cases_see", "review_decide", "waiver_ask", "waiver_grant", "lift_ask", "lift_grant",
        "device_ask", "device_grant", "glass_break", "record_see",
    },
    Role.REVIEWER: {
        "cases_see", "review_decide", "waiver_ask", "lift_ask", "device_ask", "glass_break",
    },
    Role.HARDSHIP: {"cases_see", "hardship_see", "lift_ask", "lift_grant"},
    Role.COMPLIANCE: {"cases_see", "waiver_grant", "lift_grant", "device_grant", "record_see"},
    Role.AUDITOR: {"cases_see", "record_see"},
    Role.OPERATOR: {"device_ask", "device_grant", "record_see"},
}  # fmt: skip
AT_OTHER = {
    Role.BRANCH_MANAGER: {"glass_break"},
    Role.REVIEWER: {"glass_break"},
    Role.HARDSHIP: AT_OWN[Role.HARDSHIP],
    Role.COMPLIANCE: AT_OWN[Role.COMPLIANCE],
    Role.AUDITOR: AT_OWN[Role.AUDITOR],
    Role.OPERATOR: AT_OWN[Role.OPERATOR],
}


def test_the_table_is_whole() -> None:
    """Every role has an answer for every action, and nothing else stands in the table."""
    assert set(TABLE) == set(product(Role, Action))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_what_the_table_says(role: Role, action: Action) -> None:
    """Role by action by own and other branch, against the second copy of the table."""
    grants = [Grant(role, OWN)]
    assert may(grants, action, OWN) is (action.value in AT_OWN[role])
    assert may(grants, action, OTHER) is (action.value in AT_OTHER[role])


@pytest.mark.parametrize("action", Action)
def test_nobody_may_do_anything_without_a_role(action: Action) -> None:
    """An account with no role sees its own page and nothing more."""
    assert not may([], action, OWN)
    assert not may_anywhere([], action)


@pytest.mark.parametrize(("role", "action"), TABLE)
def test_an_empty_branch_is_nobodys_own(role: Role, action: Action) -> None:
    """A record of no known branch is not the own branch of somebody without one."""
    assert may([Grant(role)], action, "") is (TABLE[role, action] is Scope.ANY)


@pytest.mark.parametrize(("role", "action"), TABLE)
def test_a_broken_glass_opens_one_more_branch_and_no_more_actions(
    role: Role, action: Action
) -> None:
    """The same role at one more branch: what it could not do at home it cannot do there."""
    grants = with_glass([Grant(role, OWN)], [OTHER])
    assert may(grants, action, OTHER) is may([Grant(role, OWN)], action, OWN)
    assert may(grants, action, "GZ-TIANHE") is may([Grant(role, OWN)], action, "GZ-TIANHE")


def test_whoever_audits_changes_nothing() -> None:
    """The auditor's actions all see; nobody but compliance grants at every branch what a branch asks."""
    may_do = {action for action in Action if may([Grant(Role.AUDITOR, OWN)], action, OWN)}
    assert all(action.value.endswith("_see") for action in may_do)


def test_several_roles_add_up() -> None:
    """Who is reviewer here and manager there is each where they are it."""
    grants = [Grant(Role.REVIEWER, OWN), Grant(Role.BRANCH_MANAGER, OTHER)]
    assert may(grants, Action.WAIVER_GRANT, OTHER)
    assert not may(grants, Action.WAIVER_GRANT, OWN)
    assert may(grants, Action.REVIEW_DECIDE, OWN)


def test_the_page_shows_the_table() -> None:
    """What people read about roles is what the table says, row by row in the order of the actions."""
    page = Path(__file__).parents[2] / "docs" / "explanation" / "accounts.md"
    lines = page.read_text(encoding="utf-8").partition("|---|")[2].splitlines()
    rows = [
        [cell.strip() for cell in line.split("|")[2:-1]] for line in lines[1:] if line[:1] == "|"
    ]
    shown = [[TABLE[role, action].value.replace("none", "") for role in Role] for action in Action]
    assert rows == shown
