"""What a harness is: a parser of ours that meets outside bytes, and what it may do with them."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fieldsync.errors import FieldsyncError

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Harness:
    """`ask` takes any bytes and may raise a deliberate error of ours, or what its parser's docstring names.

    `seeds` are sound inputs, made by the code that writes them, from which a fuzzer sets out.
    """

    ask: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]
    may_raise: tuple[type[Exception], ...] = ()

    def held_to(self, content: bytes) -> bool:
        """Whether it was read; any error but the deliberate ones goes through, for it is a find."""
        told: tuple[type[Exception], ...] = (FieldsyncError, *self.may_raise)
        try:
            self.ask(content)
        except told:
            return False
        return True


def finds(name: str) -> Iterator[bytes]:
    """Inputs that once broke the harness of this name, so that they never do again."""
    for path in sorted((CORPUS / name).glob("*")):
        yield path.read_bytes()


@cache
def folder() -> Path:
    """A folder for parsers that read files; gone with the process."""
    made = Path(tempfile.mkdtemp(prefix="fieldsync-fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def in_file(name: str, content: bytes) -> Path:
    """A file of this content."""
    path = folder() / name
    path.write_bytes(content)
    return path


def text_of(content: bytes) -> str:
    """The bytes as text, as a file or a message brings it: what is no UTF-8 is replaced."""
    return content.decode("utf-8", "replace")


def typed(content: bytes) -> str:
    """The bytes as an argument of a command: lone surrogates stand for what is no UTF-8."""
    return content.decode("utf-8", "surrogateescape")
