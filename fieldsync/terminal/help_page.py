"""Lays help out where a Chinese character takes two columns, and says click's own marks in Chinese."""

from collections.abc import Iterable

import click
from click.formatting import iter_rows, wrap_text

from fieldsync.locale import _
from fieldsync.terminal.output import width_of
from fieldsync.terminal.wide_text import is_wide, wrap

_LEAST_COLUMNS = 10


class HelpPage(click.HelpFormatter):
    """As click's formatter for English; aligned and broken by columns for Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line, with `[OPTIONS]` and `COMMAND [ARGS]...` in the reader's language."""
        for mark, said in (
            ("[OPTIONS]", _("[OPTIONS]")),
            ("COMMAND [ARGS]...", _("COMMAND [ARGS]...")),
        ):
            args = args.replace(mark, said)
        if prefix is None:
            usage = _("Usage:")
            # A full-width colon brings its own space.
            prefix = usage if is_wide(usage) else usage + " "
        super().write_usage(prog, args, prefix)

    def write_heading(self, heading: str) -> None:
        """A heading with the colon of its script."""
        colon = "：" if is_wide(heading) else ":"
        self.write(" " * self.current_indent + heading + colon + "\n")

    def write_text(self, text: str) -> None:
        """A text of one paragraph or several."""
        indent = " " * self.current_indent
        columns = self.width - len(indent)
        paragraphs = (
            "\n".join(indent + line for line in _lines(p, columns)) for p in text.split("\n\n")
        )
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Options or commands beside what they do."""
        entries = list(iter_rows(rows, 2))
        widest = max((width_of(first) for first, _second in entries), default=0)
        start = min(widest, col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in entries:
            lines = _lines(second, max(self.width - start - 2, _LEAST_COLUMNS))
            beside = width_of(first) <= start - col_spacing
            if beside and lines:
                self.write(indent + first + " " * (start - width_of(first)) + lines.pop(0) + "\n")
            else:
                self.write(indent + first + "\n")
            for line in lines:
                self.write(indent + " " * start + line + "\n")


def _lines(text: str, columns: int) -> list[str]:
    if is_wide(text):
        return wrap(text, columns)
    return wrap_text(text, columns, preserve_paragraphs=True).splitlines()
