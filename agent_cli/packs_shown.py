"""Tells which rule packs were refused, what stays in force instead, and what to do."""

from agent_cli.cipher import sqlite3
from agent_cli.store.packs import Cause, Refusal, refusals
from fieldsync.domain.check import Check, Level
from fieldsync.locale import render
from fieldsync.terminal.output import note, style
from fieldsync.words import Words, words

# The code under which the reference explains each cause.
CODES = {Cause.UNSIGNED: "409.64", Cause.UNREADABLE: "422.58"}
_GOOD = {
    Cause.UNSIGNED: words("Every rule pack that came is signed by the server this device trusts."),
    Cause.UNREADABLE: words("This program can read every rule pack that came."),
}
_TO_DO = {
    Cause.UNSIGNED: words("Tell the office. `fieldsync sync` asks for the pack again, once a day."),
    Cause.UNREADABLE: words(
        "Update this program; where it is the newest already, tell the office."
    ),
}


def say_refused_packs(conn: sqlite3.Connection) -> None:
    """A line for each pack that does not count; nothing where all do."""
    for name, refusal in refusals(conn).items():
        told = f"{render(_told(name, refusal))} {render(_TO_DO[refusal.cause])}"
        note(style(told, bold=True))


def refused_packs_facts(conn: sqlite3.Connection) -> dict[str, object]:
    """The same for JSON: `packs_refused`, with `in_force` null where no good edition is here."""
    return {
        "packs_refused": [
            {
                "pack": name,
                "version": refusal.version,
                "cause": refusal.cause.value,
                "code": CODES[refusal.cause],
                "in_force": _kept(refusal),
            }
            for name, refusal in refusals(conn).items()
        ]
    }


def check_refused(conn: sqlite3.Connection, name: str, cause: Cause) -> Check:
    """For doctor: a warning while a good edition is in force, a failure where there is none."""
    found = {pack: r for pack, r in refusals(conn).items() if r.cause is cause}
    if not found:
        return Check(name, Level.OK, _GOOD[cause])
    # The worst is told first; the next one shows once it is mended.
    pack, refusal = min(found.items(), key=lambda item: (_kept(item[1]) is not None, item[0]))
    level = Level.FAIL if _kept(refusal) is None else Level.WARN
    return Check(name, level, _told(pack, refusal), _TO_DO[cause])


def _kept(refusal: Refusal) -> str | None:
    kept = refusal.in_force
    return None if kept is None else kept.version


def _told(name: str, refusal: Refusal) -> Words:
    kept = _kept(refusal)
    if refusal.cause is Cause.UNSIGNED:
        if kept is None:
            return words(
                "The rule pack {pack} {version} is not signed by the server this device trusts. No"
                " good edition is here, so no visit may start.",
                pack=name,
                version=refusal.version,
            )
        return words(
            "The rule pack {pack} {version} is not signed by the server this device trusts: it was"
            " refused, and {kept} stays in force.",
            pack=name,
            version=refusal.version,
            kept=kept,
        )
    if kept is None:
        return words(
            "This program cannot read the rule pack {pack} {version}. No good edition is here, so no"
            " visit may start.",
            pack=name,
            version=refusal.version,
        )
    return words(
        "This program cannot read the rule pack {pack} {version}: it was refused, and {kept} stays in"
        " force.",
        pack=name,
        version=refusal.version,
        kept=kept,
    )
