"""Why the operating system refused, in the reader's language: its own words are English or the machine's."""

import errno

from fieldsync.words import Words, words

_REASONS = {
    errno.ENOENT: words("there is no such file or folder"),
    errno.ENOTDIR: words("a part of the path is a file, not a folder"),
    errno.EISDIR: words("it is a folder"),
    errno.EACCES: words("you have no permission for it"),
    errno.EPERM: words("you have no permission for it"),
    errno.EROFS: words("it can only be read here"),
    errno.EEXIST: words("it is there already"),
    errno.ENAMETOOLONG: words("the name is too long"),
    errno.EMFILE: words("too many files are open"),
    errno.EIO: words("the disk does not answer"),
}
# EDQUOT is missing on Windows.
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def is_disk_full(error: OSError) -> bool:
    """Whether there is no room left, on the disk or in the person's share of it."""
    return error.errno in _FULL


def reason_of(error: OSError) -> Words:
    """The reason as a part of a sentence; the system's own words where we have none."""
    known = _REASONS.get(error.errno or 0)
    return known or words("{reason}", reason=error.strerror or str(error))
