"""Everything a person reads is there in Chinese, with the same facts in it."""

import ast
import string
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from tests.house.tree import ROOMS, ROOT, called_name, calls, modules

FOLDER = ROOT / "fieldsync" / "locale" / "zh_CN"
# The one module that hands on a sentence it was given.
RENDERER = Path("fieldsync/locale/__init__.py")


def _sentence_calls() -> list[tuple[Path, ast.Call]]:
    return [
        (path, call)
        for path in modules(*ROOMS)
        if path != RENDERER
        for call in calls(path)
        if called_name(call) in {"_", "words"} and call.args
    ]


def _msgid(call: ast.Call) -> str | None:
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@cache
def _chinese() -> dict[str, tuple[str, str]]:
    entries = {}
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.id:
                    entries[message.id] = (str(message.string), path.name)
    return entries


@cache
def _click_strings() -> frozenset[str]:
    folder = Path(click.__file__).parent
    return frozenset(
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_sentences_are_literal() -> None:
    """A sentence is written where it is said, never put together, or no translator would see it."""
    assert [f"{p}:{c.lineno}" for p, c in _sentence_calls() if _msgid(c) is None] == []


def test_every_sentence_has_its_facts() -> None:
    """The places of a sentence are filled by exactly the facts given beside it."""
    wrong = [
        f"{path}:{call.lineno}"
        for path, call in _sentence_calls()
        if (msgid := _msgid(call)) is not None
        and all(k.arg for k in call.keywords)
        and {str(k.arg) for k in call.keywords} != _places(msgid)
    ]
    assert wrong == []


def test_every_sentence_is_translated() -> None:
    """No officer who reads Chinese meets a sentence in English."""
    missing = {
        f"{path}:{call.lineno}: {msgid}"
        for path, call in _sentence_calls()
        if (msgid := _msgid(call)) is not None and not _chinese().get(msgid, ("", ""))[0]
    }
    assert missing == set()


def test_translations_keep_the_facts() -> None:
    """A Chinese sentence has the same places as the English one."""
    wrong = {m: zh for m, (zh, _) in _chinese().items() if _places(m) != _places(zh)}
    assert wrong == {}


def test_no_translation_is_left_over() -> None:
    """A sentence that is said no more leaves its translation too."""
    said = {_msgid(call) for _, call in _sentence_calls()}
    left = {
        f"{name}: {msgid}"
        for msgid, (_, name) in _chinese().items()
        if msgid not in (_click_strings() if name == "click.po" else said)
    }
    assert left == set()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.po")), ids=lambda path: path.stem)
def test_no_sentence_is_translated_twice_in_a_file(path: Path) -> None:
    """One entry a sentence and file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    ids = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
    assert [i for i in ids if ids.count(i) > 1] == []
