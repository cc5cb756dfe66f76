"""Builds `fieldsync.mo` from every `.po` beside it: a hatch build hook, and `python -m` by hand."""

import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path(__file__).parent


def build_language(folder: Path) -> Path:
    """Merge the `.po` files of one language folder into its `LC_MESSAGES/fieldsync.mo`.

    Two rooms may carry the same sentence only with the same translation; ValueError names a clash.
    """
    merged = Catalog(locale=folder.name, domain="fieldsync", charset="utf-8")
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=folder.name):
                known = merged.get(message.id) if message.id else None
                if known is not None and known.string != message.string:
                    raise ValueError(f"{path.name}: {message.id!r} is translated in two ways")
                if message.id:
                    merged.add(message.id, message.string, flags=message.flags)
    target = folder / "LC_MESSAGES" / "fieldsync.mo"
    target.parent.mkdir(exist_ok=True)
    # Written aside and renamed: a program that starts meanwhile never reads half a catalogue.
    aside = target.with_suffix(".new")
    with aside.open("wb") as file:
        write_mo(file, merged)
    aside.replace(target)
    return target


def build_all() -> list[Path]:
    """Build every language there is."""
    return [
        build_language(folder)
        for folder in sorted(_FOLDER.iterdir())
        if (folder / ".").is_dir() and any(folder.glob("*.po"))
    ]


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatch calls this before it packs the wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the catalogues so that they are in the wheel."""
        _ = (version, build_data)
        build_all()


if __name__ == "__main__":
    for built in build_all():
        sys.stderr.write(f"{built.relative_to(_FOLDER)}\n")
