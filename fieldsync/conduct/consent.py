"""The text read to a person before anything sensitive is kept: each version stays here for good."""

from fieldsync.words import LANGUAGES, Words, words

# A changed text gets a new version beside the old one: a record names the version that was read.
TEXT_VERSION = "2026-11"
TEXTS: dict[str, Words] = {
    "2026-11": words(
        "May we keep what you told us about your health or another private matter, only so that the"
        " hardship team can help you? You may say no, and you may withdraw this later; either way"
        " collection stops today."
    ),
}
PURPOSE = words("hardship support")


def languages_read(borrower: str) -> tuple[str, ...]:
    """In which languages the text is read to a person of this language: theirs, or else in each we have."""
    return (borrower,) if borrower in LANGUAGES else LANGUAGES
