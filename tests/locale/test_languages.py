"""Which language is shown, and that both say the same facts."""

import pytest

from fieldsync.locale import both, language_of_environment, normalise, render, set_language
from fieldsync.words import words


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-CN"), ("zh_CN.UTF-8", "zh-CN"), ("zh-Hans-SG", "zh-CN"), ("en-GB", "en"),
        ("C", "en"), ("C.UTF-8", "en"), ("POSIX", "en"), ("fr_FR", None), ("", None),
    ],
)  # fmt: skip
def test_spellings_of_a_language(tag: str, language: str | None) -> None:
    """Any usual spelling of either language is understood, others are not guessed at."""
    assert normalise(tag) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh-CN"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_terminals_language(environment: dict[str, str], language: str) -> None:
    """LANGUAGE outranks LC_ALL, which outranks LANG; a language we lack is English."""
    assert language_of_environment(environment) == language


def test_sentences_within_sentences() -> None:
    """A fact that is itself a sentence is rendered in the same language."""
    error = words("Error {code}: {message}", code="602.4", message=words("The disk is full."))
    assert both(error) == {
        "en": "Error 602.4: The disk is full.",
        "zh-CN": "错误 602.4：磁盘已满。",
    }


def test_the_process_language_is_the_default() -> None:
    """What is rendered without a language is in the one that was chosen."""
    set_language("zh-CN")
    assert render(words("The disk is full.")) == "磁盘已满。"
    assert str(words("The disk is full.")) == "The disk is full."
