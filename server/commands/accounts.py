"""`fieldsync-server accounts`: who may sign in to the office's pages, and what they may do there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

from fieldsync.errors import InputError
from fieldsync.locale import _, render
from fieldsync.locale.office_names import ROLES, STATES
from fieldsync.terminal.lazy_group import ExampleCommand, ExampleGroup
from fieldsync.terminal.output import listed, note, say, say_json, table
from fieldsync.words import words
from server.commands.signed_by import signed_in
from server.context import ServerContext, open_server
from server.security.permissions import Grant, Role
from server.store.accounts import Account
from server.workflow.manage_accounts import (
    add,
    change_roles,
    disable,
    end_all,
    find_account,
    list_accounts,
    reset,
)
from server.workflow.office_sessions import sessions_of

_HOURS_MAX = 24 * 7


class GrantOption(click.ParamType[Grant]):
    """`ROLE` or `ROLE@BRANCH`."""

    name = "grant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Grant:
        """The role and its branch; InputError 422.907 for an unknown role."""
        _unused = param, ctx
        if isinstance(value, Grant):
            return value
        role, _at, branch = str(value).partition("@")
        if role not in {known.value for known in Role}:
            raise InputError(
                "422.907",
                words("There is no role {role}.", role=role),
                words("Roles: {roles}.", roles=", ".join(known.value for known in Role)),
            )
        return Grant(Role(role), branch)


def _roles(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--role",
        "grants",
        multiple=True,
        required=True,
        type=GrantOption(),
        metavar="ROLE[@BRANCH]",
        help=_(
            "branch_manager@BRANCH, reviewer@BRANCH, hardship, compliance, auditor or operator;"
            " once or several times."
        ),
    )(function)


def _hours(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--hours",
        type=click.IntRange(1, _HOURS_MAX),
        default=24,
        show_default=True,
        metavar="N",
        help=_("How long the invitation is good for."),
    )(function)


def _by(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--by",
        metavar="NAME",
        default=signed_in,
        help=_("Who does this; by default who is signed in to this machine."),
    )(function)


@click.group(
    cls=ExampleGroup,
    help=_(
        "Say who may sign in to the office's pages, and what they may do there. Whoever can run this"
        " program is the server's operator and is asked for no role."
    ),
    examples=(
        'fieldsync-server accounts add li.na --name "Li Na" --role reviewer@SZ-NANSHAN',
        "fieldsync-server accounts list",
    ),
)
def command() -> None:
    """The subcommands follow."""


@command.command(
    "add",
    cls=ExampleCommand,
    help=_(
        "Make an account and show its invitation: a code for one use, with which the person chooses"
        " a password and sets up one-time codes. No secret is ever an argument."
    ),
    examples=(
        'fieldsync-server accounts add li.na --name "Li Na" --role reviewer@SZ-NANSHAN',
        'fieldsync-server accounts add wu --name "Wu Di" --role compliance --role auditor --hours 2',
        'fieldsync-server accounts add zh --name "Zhao" --role hardship --bank-id 7f3c2a',
    ),
)
@click.argument("login", metavar="LOGIN")
@click.option("--name", required=True, metavar="NAME", help=_("What people call them."))
@_roles
@click.option(
    "--bank-id",
    metavar="ID",
    help=_("What the bank's own sign-in calls them (`sub`), where that is set up."),
)
@_hours
@_by
@click.pass_obj
def add_(
    home: str | None,
    *,
    login: str,
    name: str,
    grants: tuple[Grant, ...],
    bank_id: str | None,
    hours: int,
    by: str,
) -> None:
    """Make it."""
    ctx = open_server(home)
    code, until = add(
        ctx,
        login,
        name,
        grants,
        bank_subject=bank_id,
        valid_for=timedelta(hours=hours),
        by=by,
    )
    say(code)
    _say_invited(ctx, login, f"{until:%Y-%m-%d %H:%M}")


def _say_invited(ctx: ServerContext, login: str, until: str) -> None:
    note(_("For {login}, once, until {until}. Tell it to nobody else.", login=login, until=until))
    where = ctx.config.office.public_url or "http://localhost:8440"
    note(_("They open {url}/office/first and type it.", url=where))


@command.command(
    "list",
    cls=ExampleCommand,
    help=_("List accounts with their roles."),
    examples=("fieldsync-server accounts list", "fieldsync-server accounts list --json"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def list_(home: str | None, *, as_json: bool) -> None:
    """List them."""
    found = list_accounts(open_server(home))
    if as_json:
        say_json([_facts(account) for account in found])
        return
    if not found:
        note(_("There are no accounts yet: `fieldsync-server accounts add`."))
        return
    rows = [[one.login, one.name, render(STATES[one.state]), _said_roles(one)] for one in found]
    say(table(rows, [_("Login"), _("Name"), _("State"), _("Roles")]))


@command.command(
    "roles",
    cls=ExampleCommand,
    help=_("Give an account these roles and no other; its open sessions end."),
    examples=(
        "fieldsync-server accounts roles li.na --role branch_manager@SZ-NANSHAN",
        "fieldsync-server accounts roles wu --role compliance --role auditor",
    ),
)
@click.argument("login", metavar="LOGIN")
@_roles
@_by
@click.pass_obj
def roles_(home: str | None, *, login: str, grants: tuple[Grant, ...], by: str) -> None:
    """Change them."""
    account = change_roles(open_server(home), login, grants, by=by)
    say(_("{login}: {roles}.", login=account.login, roles=_said_roles(account)))


@command.command(
    "reset",
    cls=ExampleCommand,
    help=_(
        "Forget password, one-time codes and passkeys of an account, end its sessions, and show a new"
        " invitation."
    ),
    examples=("fieldsync-server accounts reset li.na",),
)
@click.argument("login", metavar="LOGIN")
@_hours
@_by
@click.pass_obj
def reset_(home: str | None, *, login: str, hours: int, by: str) -> None:
    """Begin anew."""
    ctx = open_server(home)
    code, until = reset(ctx, login, timedelta(hours=hours), by=by)
    say(code)
    _say_invited(ctx, login, f"{until:%Y-%m-%d %H:%M}")


@command.command(
    "disable",
    cls=ExampleCommand,
    help=_("Let nobody sign in with an account any more, and end its sessions; `reset` undoes it."),
    examples=("fieldsync-server accounts disable li.na",),
)
@click.argument("login", metavar="LOGIN")
@_by
@click.pass_obj
def disable_(home: str | None, *, login: str, by: str) -> None:
    """Disable it."""
    account = disable(open_server(home), login, by=by)
    say(_("{login} is disabled, and every session has ended.", login=account.login))


@command.command(
    "sessions",
    cls=ExampleCommand,
    help=_("List open sessions, of one account or of all; --end ends those of the account."),
    examples=(
        "fieldsync-server accounts sessions",
        "fieldsync-server accounts sessions li.na --end",
    ),
)
@click.argument("login", metavar="[LOGIN]", required=False)
@click.option("--end", is_flag=True, help=_("End them."))
@_by
@click.option("--json", "as_json", is_flag=True, help=_("Show the result as JSON."))
@click.pass_obj
def sessions_(home: str | None, *, login: str | None, end: bool, by: str, as_json: bool) -> None:
    """List or end them."""
    ctx = open_server(home)
    if end:
        if login is None:
            raise InputError("422.908", words("Name the account whose sessions end."))
        say(_("{count} sessions ended.", count=end_all(ctx, login, by=by)))
        return
    found = sessions_of(ctx, find_account(ctx, login).account_id if login else None)
    names = {account.account_id: account.login for account in list_accounts(ctx)}
    facts = [
        {
            "login": names.get(one.account_id, ""),
            "since": one.started_at.isoformat(timespec="minutes"),
            "seen": one.seen_at.isoformat(timespec="minutes"),
            "address": one.remote,
            "browser": one.browser,
        }
        for one in found
    ]
    if as_json:
        say_json(facts)
    elif not facts:
        note(_("Nobody is signed in."))
    else:
        heads = [_("Login"), _("Since"), _("Last seen"), _("Address"), _("Browser")]
        say(table([list(fact.values()) for fact in facts], heads))


def _said_roles(account: Account) -> str:
    return listed(
        render(ROLES[role]) + (f" ({branch})" if branch else "") for role, branch in account.roles
    )


def _facts(account: Account) -> dict[str, object]:
    return {
        "login": account.login,
        "name": account.name,
        "state": account.state.value,
        "bank_id": account.bank_subject,
        "roles": [{"role": role, "branch": branch or None} for role, branch in account.roles],
    }
