"""The options of every decision that a person answers for: why, and who decides."""

import getpass
from collections.abc import Callable
from typing import Any, TypeVar

import click

from fieldsync.locale import _

F = TypeVar("F", bound=Callable[..., Any])


def decided(why: str) -> Callable[[F], F]:
    """Add `--reason` (needed; `why` is its help) and `--by` (who is signed in, where left out)."""
    reason = click.option("--reason", required=True, metavar="TEXT", help=why)
    by = click.option(
        "--by",
        metavar="NAME",
        default=signed_in,
        help=_("Who decides; by default who is signed in to this machine."),
    )
    return lambda function: reason(by(function))


def signed_in() -> str:
    """Who is signed in to this machine; nobody where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
