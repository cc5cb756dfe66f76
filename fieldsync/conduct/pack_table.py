"""Reads one table of a rule pack field by field; what is wrong is named by pack, rule and field."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from fieldsync.errors import InputError
from fieldsync.words import Words, words

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")


class PackTable:
    """A table with a memory of which fields were read; `finish` refuses the ones nobody knows."""

    def __init__(self, data: Mapping[str, Any], pack: str, rule: str = "", path: str = "") -> None:
        self._data = data
        self._pack = pack
        self._rule = rule
        self._path = path
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def names(self) -> Iterable[str]:
        """The fields there are, in the pack's order."""
        return self._data.keys()

    def named(self, rule: str) -> "PackTable":
        """The same table as a rule's own, its errors naming the rule instead of its place."""
        return PackTable(self._data, self._pack, rule)

    def written(self) -> Mapping[str, Any]:
        """The whole table as the pack has it."""
        return dict(self._data)

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty, or the default."""
        return self._read(name, str, words("a text that is not empty"), default, check=len)

    def yes(self, name: str, *, default: bool | None = None) -> bool:
        """A plain true or false."""
        return self._read(name, bool, words("true or false"), default)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number above zero, or the default."""
        value = self._read(name, int, words("a whole number above zero"), default)
        if name in self._data and (isinstance(value, bool) or value < 1):
            self._wrong(name, words("a whole number above zero"))
        return value

    def day(self, name: str) -> date:
        """A date, written plainly as TOML has it."""
        return self._read(name, date, words("a date such as 2026-01-30"))

    def clock(self, name: str) -> time:
        """A local time in quotes, such as "08:00"."""
        expected = words('a time such as "08:00"')
        try:
            clock = time.fromisoformat(self.text(name))
        except ValueError:
            self._wrong(name, expected)
        if clock.tzinfo is not None:
            self._wrong(name, expected)
        return clock

    def one(self, name: str, kind: type[E]) -> E:
        """One code of the enum."""
        return self._code(name, self.text(name), kind)

    def many(self, name: str, kind: type[E], default: Iterable[E] = ()) -> frozenset[E]:
        """Codes of the enum, or the default where the field is not there."""
        if name not in self._data:
            return frozenset(default)
        return frozenset(self._code(name, text, kind) for text in self.list_of_texts(name))

    def list_of_texts(self, name: str) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        values = self._read(name, list, words("a list of texts"), check=len)
        if not all(isinstance(value, str) for value in values):
            self._wrong(name, words("a list of texts"))
        return tuple(values)

    def table(self, name: str) -> "PackTable":
        """The table inside this one."""
        value = self._read(name, dict, words("a table"))
        return PackTable(value, self._pack, self._rule, f"{self._path}{name}.")

    def tables(self, name: str) -> tuple["PackTable", ...]:
        """The tables in a list that is not empty."""
        values = self._read(name, list, words("a list of tables"), check=len)
        if not all(isinstance(value, dict) for value in values):
            self._wrong(name, words("a list of tables"))
        return tuple(
            PackTable(value, self._pack, self._rule, f"{self._path}{name}[{index}].")
            for index, value in enumerate(values)
        )

    def finish(self) -> None:
        """Refuse fields that nothing has read: a misspelt rule must not be a rule that never bites."""
        for name in self._data:
            if name not in self._known:
                self.refuse(
                    "422.53",
                    name,
                    words("This version knows no such field here; check its spelling."),
                )

    def refuse(self, code: str, name: str, hint: Words) -> NoReturn:
        """Raise the error that names the pack, the rule and the field."""
        raise InputError(
            code,
            words(
                "Rule pack {pack}, rule {rule}: field {field} cannot be read.",
                pack=self._pack,
                rule=self._rule or "-",
                field=f"{self._path}{name}",
            ),
            hint,
            pack=self._pack,
            rule=self._rule,
            field=f"{self._path}{name}",
        )

    def _code(self, name: str, text: str, kind: type[E]) -> E:
        try:
            return kind(text)
        except ValueError:
            self._wrong(name, words("one of: {codes}", codes=", ".join(kind)))

    def _wrong(self, name: str, expected: Words) -> NoReturn:
        self.refuse("422.52", name, words("It should be {expected}.", expected=expected))

    def _read(
        self,
        name: str,
        kind: type[V],
        expected: Words,
        default: V | None = None,
        *,
        check: Callable[[V], object] = lambda _: True,
    ) -> V:
        self._known.add(name)
        if name not in self._data and default is not None:
            return default
        value = self._data.get(name)
        if not isinstance(value, kind) or not check(value):
            self._wrong(name, expected)
        return value
