"""Chinese and English: finds the officer's language and turns `Words` into a sentence in it.

English message ids are the source; `zh_CN/*.po` hold the Chinese, one file per room, compiled into
one catalogue at build time by `build_catalogues.py`.
"""

import gettext as _gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fieldsync.words import LANGUAGES, Words, words

DOMAIN = "fieldsync"
_FOLDER = Path(__file__).parent
_state = {"language": "en"}


def language_of_environment(environ: Mapping[str, str]) -> str:
    """The language a terminal asks for, by LANGUAGE, LC_ALL, LC_MESSAGES, LANG; English otherwise."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return normalise(value) or "en"
    return "en"


def normalise(tag: str) -> str | None:
    """`zh-CN` or `en` for any spelling of either (zh, zh_CN.UTF-8, en-GB, C), None for others."""
    lower = tag.lower().replace("_", "-")
    if lower.startswith("zh"):
        return "zh-CN"
    if lower.startswith(("en", "c.")) or lower in {"c", "posix"}:
        return "en"
    return None


def set_language(language: str) -> None:
    """Choose the language of this process, click's own words included."""
    _state["language"] = language
    os.environ["LANGUAGE"] = language.replace("-", "_")
    _gettext.bindtextdomain(DOMAIN, str(_FOLDER))
    _gettext.textdomain(DOMAIN)


def language() -> str:
    """The language of this process, "en" or "zh-CN"."""
    return _state["language"]


@cache
def _catalogue(language_tag: str) -> _gettext.NullTranslations:
    return _gettext.translation(
        DOMAIN, str(_FOLDER), languages=[language_tag.replace("-", "_")], fallback=True
    )


def render(message: Words, language_tag: str | None = None) -> str:
    """The sentence in the given language (default: the process's), its facts rendered too."""
    tag = language_tag or _state["language"]
    text = message.msgid if tag == "en" else _catalogue(tag).gettext(message.msgid)
    if not message.facts:
        return text
    facts = {
        name: render(value, tag) if isinstance(value, Words) else value
        for name, value in message.facts.items()
    }
    return text.format(**facts)


def both(message: Words) -> dict[str, str]:
    """The sentence in every language, for records that people of either language will read."""
    return {tag: render(message, tag) for tag in LANGUAGES}


def _(msgid: str, /, **facts: object) -> str:
    """Translate and fill: `_("{count} stops", count=3)`; marks its first argument for translation."""
    return render(words(msgid, **facts))
