"""Opens the files of a case book and the mapping that explains them, and finds out what each holds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldsync.domain.toml_text import read_toml
from fieldsync.errors import InputError
from fieldsync.schemas.book_mapping import TableMapping, read_mapping
from fieldsync.schemas.book_tables import COLUMNS, Layout, TableKind, recognise
from fieldsync.schemas.case_import import Source
from fieldsync.words import words
from server.workflow.tabular import Tabular, open_tables, unreadable

_HOW_TO = words(
    "docs/how-to/import-a-case-book.md lists the columns; a mapping file renames yours."
)
_CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class BookTable:
    """One recognised table: the file's rows, how to read them, and its name in reports."""

    tabular: Tabular
    layout: Layout
    source: Source

    @property
    def kind(self) -> TableKind:
        """What the table holds."""
        return self.layout.kind

    def chunks(self) -> Iterator[list[tuple[int, list[str]]]]:
        """The rows, a thousand at a time."""
        chunk: list[tuple[int, list[str]]] = []
        for numbered in self.tabular.rows():
            chunk.append(numbered)
            if len(chunk) == _CHUNK_ROWS:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


def load_mapping(path: Path | None) -> Mapping[str, TableMapping]:
    """The mapping file's content; empty without one. InputError 400.15 or 400.16."""
    if path is None:
        return {}
    try:
        data = read_toml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise InputError(
            "400.15",
            words("{path} is not a valid TOML file: {error}", path=path.name, error=str(error)),
            words("Mend the line it names."),
        ) from error
    return read_mapping(data, {kind.value: columns for kind, columns in COLUMNS.items()})


def open_book(paths: Sequence[Path], mappings: Mapping[str, TableMapping]) -> list[BookTable]:
    """Every table of the files, ready to read; InputError 400.13 or 400.18 about a header.

    A sheet that is none of ours may stand beside ones that are; a file must hold at least one.
    """
    tables = []
    names = Counter(path.name for path in dict.fromkeys(paths))
    for path in dict.fromkeys(paths):
        name = path.name if names[path.name] == 1 else str(path)
        found = [_book_table(tabular, name, mappings) for tabular in open_tables(path)]
        known = [table for table in found if table is not None]
        if not known:
            raise InputError(
                "400.13",
                words("{file} holds neither cases nor contacts nor payments.", file=path.name),
                _HOW_TO,
            )
        tables += known
    return tables


def _book_table(
    tabular: Tabular, name: str, mappings: Mapping[str, TableMapping]
) -> BookTable | None:
    layout = recognise(tabular.header, tabular.sheet, mappings)
    source = Source(name, tabular.sheet)
    if layout is None:
        return None
    if layout.repeated:
        raise InputError(
            "400.18",
            words(
                "{file} has the column {columns} twice.",
                file=_named(source),
                columns=", ".join(layout.repeated),
            ),
            words("Rename or delete one of the two."),
        )
    if layout.missing:
        raise InputError(
            "400.13",
            words(
                "{file} lacks the columns {columns}, which {table} need.",
                file=_named(source),
                columns=", ".join(layout.missing),
                table=layout.kind.value,
            ),
            _HOW_TO,
        )
    return BookTable(tabular, layout, source)


def _named(source: Source) -> str:
    return f"{source.file} [{source.sheet}]" if source.sheet else source.file
