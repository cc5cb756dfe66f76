"""Examines for `doctor` the rule packs that the settings name."""

from fieldsync.adapters.pack_files import shipped_names
from fieldsync.conduct.pack_lint import lint
from fieldsync.domain.check import Check, Level
from fieldsync.errors import InputError
from fieldsync.words import words
from server.context import ServerContext


def check_rules(ctx: ServerContext) -> Check:
    """Whether every pack can be read, and whether one of the bank's own raises doubts."""
    try:
        packs = ctx.packs
    except InputError as error:
        return Check("rules", Level.FAIL, error.message, error.hint)
    doubts = {
        pack.ruleset.name: len(lint(pack.ruleset))
        for pack in packs
        if pack.ruleset.name not in shipped_names()
    }
    names = ", ".join(f"{pack.ruleset.name} {pack.ruleset.version}" for pack in packs)
    if any(doubts.values()):
        return Check(
            "rules",
            Level.WARN,
            words(
                "Conduct rules: {names}; {count} doubts.", names=names, count=sum(doubts.values())
            ),
            words("Run `fieldsync-server rules lint` with the pack's file and look at each."),
        )
    return Check("rules", Level.OK, words("Conduct rules: {names}.", names=names))
