"""An option whose value is a code: `list` shows every code with its name, and so does a wrong one."""

from enum import StrEnum

import click

from fieldsync.locale import _, render
from fieldsync.locale.names import name_of
from fieldsync.terminal.output import say, table

_LIST = "list"


class NamedCode(click.ParamType[str]):
    """One code of the enum, in capitals or not."""

    name = "code"

    def __init__(self, kind: type[StrEnum]) -> None:
        self._codes = {code.value: code for code in kind}
        self._by_lower = {value.lower(): value for value in self._codes}

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code; after `list` the codes are shown and nothing else is done."""
        if ctx is not None and value.lower() == _LIST:
            say(self.shown())
            ctx.exit()
        known = self._by_lower.get(value.strip().lower())
        if known is None:
            told = _("{code} is none of these:", code=repr(value))
            self.fail(f"{told}\n{self.shown()}", param, ctx)
        return known

    def shown(self) -> str:
        """Every code beside its name, in the reader's language."""
        rows = [(value, render(name_of(code))) for value, code in self._codes.items()]
        return table(rows, (_("Code"), _("Meaning")))
