"""A sentence for a person, with its facts, untranslated: pure code says `words`, the edge renders.

`words("Case {case_id} is unknown", case_id=...)` marks its first argument for translation (the
catalogue builder looks for calls of this name). Rendering happens in `fieldsync.locale`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What Fieldsync speaks; whatever is recorded for people carries every one of them.
LANGUAGES = ("en", "zh-CN")


@dataclass(frozen=True, slots=True)
class Words:
    """One translatable sentence: `msgid` with `{name}` places, and the facts that fill them."""

    msgid: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English, the language of the message ids."""
        return self.msgid.format(**self.facts) if self.facts else self.msgid


def words(msgid: str, /, **facts: object) -> Words:
    """Mark `msgid` for translation and keep the facts beside it. A fact may itself be `Words`."""
    return Words(msgid, facts)
