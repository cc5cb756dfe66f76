"""The page's own words beside the document's, in one language."""

from collections.abc import Mapping

from fieldsync.locale import render
from fieldsync.words import Words, words

_TEXTS: Mapping[str, Words] = {
    "language": words("Language"),
    "larger": words("Larger letters"),
    "smaller": words("Smaller letters"),
    "aloud": words("Read aloud"),
    "quiet": words("Stop reading"),
    "whole": words("The whole agreement"),
    "your_turn": words("Your decision"),
    "no_hurry": words("Take your time. Each of the three answers is all right."),
    "i_read": words("I have read this, or heard it read out, and understood it."),
    "i_was_here": words("I was here, and it was read by the borrower or out to them."),
    "sign_here": words("Sign here with a finger, a pen or the mouse"),
    "wipe": words("Clear"),
    "undo": words("Undo"),
    "by_mark": words("Sign by a mark instead"),
    "marked": words("A mark stands for your signature; both officers confirm it."),
    "sign": words("I sign"),
    "think": words("I want to think about it"),
    "decline": words("I do not want to sign"),
    "no_pad": words(
        "The pad is not installed on this device: run `make install` with npm, or use `fieldsync agree`."
    ),
    "signed": words("Signed. Thank you."),
    "signed_more": words(
        "Nobody collects this debt while you keep the plan. Take your copy with you."
    ),
    "proposed_more": words("The bank decides and tells you; until then nobody collects."),
    "thinking": words("Take the time you need."),
    "thinking_more": words("Nothing was recorded. The plan can be signed at another time."),
    "declined": words("That is all right."),
    "declined_more": words("Nothing was recorded. You may ask for another plan at any time."),
    "save": words("Save your copy"),
    "scan": words("Or scan this to check your copy later:"),
    "call": words("Questions? Call"),
    "give_back": words("Please give the tablet back to the officers."),
    "closed": words("This page is closed."),
    "closed_more": words("Its link works once. Ask the officers to open it again."),
}


def texts_in(tag: str) -> dict[str, str]:
    """Every text by its name."""
    return {name: render(text, tag) for name, text in _TEXTS.items()}
