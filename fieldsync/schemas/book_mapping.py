"""Reads a mapping file's content: a bank's own column names, words and constants for our tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldsync.errors import InputError
from fieldsync.words import Words, words

_SECTIONS = ("columns", "values", "constants")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """For one table: `columns` ours -> theirs, `values` by column theirs -> ours, `constants`, `sheet`."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""


def read_mapping(
    data: Mapping[str, Any], known: Mapping[str, tuple[str, ...]]
) -> dict[str, TableMapping]:
    """The mappings by table; `known` are the columns of each. InputError 400.15 names all mistakes."""
    mistakes: list[str] = []
    mappings: dict[str, TableMapping] = {}
    for table, content in data.items():
        if table not in known:
            mistakes.append(table)
        elif not isinstance(content, dict):
            mistakes.append(f"{table} =")
        else:
            mistakes += [f"{table}.{place}" for place in _mistakes(content, known[table])]
            if not mistakes:
                mappings[table] = TableMapping(
                    columns=content.get("columns", {}),
                    values=content.get("values", {}),
                    constants={k: str(v) for k, v in content.get("constants", {}).items()},
                    sheet=content.get("sheet", ""),
                )
    if mistakes:
        raise _mapping_error(
            words(
                "The mapping file says what nobody understands: {places}.",
                places=", ".join(mistakes),
            )
        )
    return mappings


def _mistakes(content: Mapping[str, Any], columns: tuple[str, ...]) -> list[str]:
    """The places, as dotted names, that are no section, no column of ours, or no text."""
    wrong = [name for name in content if name not in (*_SECTIONS, "sheet")]
    if not isinstance(content.get("sheet", ""), str):
        wrong.append("sheet")
    for section in _SECTIONS:
        entries = content.get(section, {})
        if not isinstance(entries, dict):
            wrong.append(section)
            continue
        wrong += [
            f"{section}.{column}"
            for column, value in entries.items()
            if column not in columns or not _fits(section, value)
        ]
    return wrong


def _fits(section: str, value: object) -> bool:
    if section == "values":
        return isinstance(value, dict) and all(isinstance(ours, str) for ours in value.values())
    if section == "columns":
        return isinstance(value, str)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _mapping_error(message: Words) -> InputError:
    return InputError(
        "400.15",
        message,
        words(
            'Write sections like [cases.columns] with our column = "your column"; '
            "docs/how-to/import-a-case-book.md lists ours."
        ),
    )
