"""Asks both officers at the door for their secrets, or reads them from a file; who proves it may sign."""

from collections.abc import Mapping
from pathlib import Path

import click

from agent_cli.actions.check_in import read_secrets, require_key, unlock
from agent_cli.config import Options
from agent_cli.context import DeviceContext
from agent_cli.terminal_input import may_ask, said
from fieldsync.adapters.check_in_secrets import Signer
from fieldsync.errors import ConflictError, InputError, UnauthorisedError
from fieldsync.locale import _
from fieldsync.terminal.output import note
from fieldsync.words import words

_ASKED_MOST = 3
_TRY_AGAIN = "600.23"


def prove(
    options: Options, ctx: DeviceContext, officers: tuple[str, ...], secrets: Path | None
) -> Mapping[str, Signer]:
    """What signs as each officer who proved who they are; why another could not is said on stderr.

    InputError 600.28 where nobody can be asked and there is no file, 600.82 for a file on a device that
    is no training device.
    """
    check_practice(ctx, secrets)
    given = None if secrets is None else read_secrets(secrets)
    if given is None and not may_ask(options):
        raise InputError(
            "600.28",
            words("Both officers prove who they are with their secrets."),
            words(
                "Run it on a terminal, or in practice give --secrets FILE with one line an officer."
            ),
        )
    found: dict[str, Signer] = {}
    for officer in officers:
        try:
            signer = _asked(ctx, officer) if given is None else _read(ctx, officer, given)
        except (ConflictError, UnauthorisedError) as error:
            note(said(error))
        else:
            found[officer] = signer
    return found


def check_practice(ctx: DeviceContext, secrets: Path | None) -> None:
    """InputError 600.82 for a file of secrets on a device that is no training device."""
    if secrets is not None and not ctx.identity.training:
        raise InputError(
            "600.82",
            words("A file of secrets is for practice: here both officers type their own."),
            words("Leave --secrets out, and FIELDSYNC_SECRETS too."),
        )


def _read(ctx: DeviceContext, officer: str, given: Mapping[str, str]) -> Signer:
    require_key(ctx, officer)
    return unlock(ctx, officer, given.get(officer, ""))


def _asked(ctx: DeviceContext, officer: str) -> Signer:
    """The secret typed without echo, asked again after a wrong one; each officer types their own."""
    require_key(ctx, officer)
    for _try in range(_ASKED_MOST - 1):
        try:
            return unlock(ctx, officer, _typed(officer))
        except UnauthorisedError as error:
            if error.code != _TRY_AGAIN:
                raise
            note(said(error))
    return unlock(ctx, officer, _typed(officer))


def _typed(officer: str) -> str:
    question = _("Secret of {officer} (not shown)", officer=officer)
    typed: str = click.prompt(question, hide_input=True, err=True)
    return typed
