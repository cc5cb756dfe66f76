"""The rule packs that ship with the product, read from the installed package."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from fieldsync.conduct.ruleset import Ruleset, parse_ruleset

DEFAULT_PACKS = ("cn", "house")


def pack_text(name: str) -> str:
    """The TOML text of a shipped pack; FileNotFoundError if none has this name."""
    path = files("fieldsync.conduct").joinpath("rulesets", f"{name}.toml")
    return path.read_text(encoding="utf-8")


@cache
def builtin_ruleset(name: str) -> Ruleset:
    """A shipped pack, parsed once in the life of the process."""
    return parse_ruleset(pack_text(name))


def builtin_rulesets(names: Sequence[str] = DEFAULT_PACKS) -> tuple[Ruleset, ...]:
    """Several shipped packs, by default those of a branch in mainland China."""
    return tuple(builtin_ruleset(name) for name in names)
