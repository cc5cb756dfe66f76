"""Tells a full disk from a broken one where the server keeps files."""

from collections.abc import Iterator
from contextlib import contextmanager

from fieldsync.errors import LocalCopyError
from fieldsync.locale.system_reasons import is_disk_full
from fieldsync.words import words


@contextmanager
def told() -> Iterator[None]:
    """LocalCopyError 507.1 for a full disk, 503.3 for any other refusal of the system; nothing changed."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise LocalCopyError(
                "507.1",
                words("The server has no room for this file just now."),
                words("Nothing is lost: what arrived stays. Tell the office, and try again later."),
            ) from error
        raise LocalCopyError(
            "503.3",
            words("The server's folder of files cannot be used just now."),
            words("Nothing is lost: what arrived stays. Try again later."),
        ) from error
