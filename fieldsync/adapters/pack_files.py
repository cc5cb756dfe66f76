"""Rule packs by name: those that ship with the product, and files of a bank's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from fieldsync.adapters.builtin_rulesets import builtin_ruleset, pack_text
from fieldsync.conduct.composition import together
from fieldsync.conduct.ruleset import Ruleset, parse_ruleset
from fieldsync.errors import InputError
from fieldsync.words import words

_SUFFIX = ".toml"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it is written, and as it is read."""

    text: str
    ruleset: Ruleset


@cache
def shipped_names() -> tuple[str, ...]:
    """The names of all packs that ship, in order."""
    folder = files("fieldsync.conduct").joinpath("rulesets")
    found = (entry.name for entry in folder.iterdir() if entry.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found))


def pack_named(name: str, folder: Path | None = None) -> Pack:
    """The shipped pack of this name, else the file, which may lie in `folder`.

    InputError 422.504 where there is neither, 422.505 for a file that is no UTF-8 text, 422.51 to 422.55
    for a pack that cannot be read.
    """
    if name in shipped_names():
        return Pack(pack_text(name), builtin_ruleset(name))
    path = Path(folder or "", name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "422.505",
            words("{path} is not text in UTF-8.", path=str(path)),
            words("Save the rule pack as UTF-8."),
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(
            "422.504",
            words("There is no rule pack {name}.", name=repr(name)),
            words("Shipped are {names}; or name a pack's file.", names=", ".join(shipped_names())),
        ) from error
    return Pack(text, parse_ruleset(text))


def rulesets_named(names: Sequence[str]) -> tuple[Ruleset, ...]:
    """Several packs, each once; errors as of `pack_named`."""
    return together([pack_named(name).ruleset for name in dict.fromkeys(names)])


@cache
def packs_in_force(names: tuple[str, ...], folder: Path) -> tuple[Pack, ...]:
    """The packs a server judges by, read once in the life of the process.

    InputError 422.506 where two of them have one name, or none was named, 422.56 where they share a rule;
    else as `pack_named`.
    """
    packs = tuple(pack_named(name, folder) for name in names)
    known = [pack.ruleset.name for pack in packs]
    if not packs or len(set(known)) != len(known):
        raise InputError(
            "422.506",
            words(
                "The setting `rulesets` must name packs, each once: {names}.",
                names=", ".join(known),
            ),
            words("Give every pack its own name; a server without packs judges nothing."),
        )
    together([pack.ruleset for pack in packs])
    return packs
