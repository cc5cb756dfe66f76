"""How a channel of letters fails: not taken, refused for good, or nobody knows."""

from fieldsync.errors import UnreachableError
from fieldsync.words import words

NOT_TAKEN, REFUSED, UNKNOWN = "502.1", "502.2", "502.3"


def not_taken(channel: str, reason: str) -> UnreachableError:
    """The channel could not be reached, or asked to come again: nothing was handed over."""
    return UnreachableError(
        NOT_TAKEN,
        words("The channel {channel} did not take the letter: {reason}", **_facts(channel, reason)),
        words("Send again later; nothing went out."),
    )


def refused(channel: str, reason: str) -> UnreachableError:
    """The channel said no: the letter or the settings must change first."""
    return UnreachableError(
        REFUSED,
        words("The channel {channel} refused the letter: {reason}", **_facts(channel, reason)),
        words("Mend the section [notices] of the settings, or the recipient, then send again."),
    )


def unknown(channel: str, reason: str) -> UnreachableError:
    """The line broke after the letter was on its way."""
    return UnreachableError(
        UNKNOWN,
        words(
            "Whether the channel {channel} took the letter is not known: {reason}",
            **_facts(channel, reason),
        ),
        words("Ask at the other end; `fieldsync-server notices resend` gives it once more."),
    )


def _facts(channel: str, reason: str) -> dict[str, str]:
    return {"channel": channel, "reason": reason}
