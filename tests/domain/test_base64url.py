"""Keys and signatures travel as text that any other base64url reader understands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.domain import base64url


def test_the_rfcs_own_example() -> None:
    """RFC 4648, section 10, without its padding; the two letters that differ in addresses."""
    assert base64url.encode(b"foob") == "Zm9vYg"
    assert base64url.encode(b"\xfb\xef\xff") == "--__"


@given(st.binary(max_size=100))
def test_nothing_is_lost(raw: bytes) -> None:
    """What is decoded is what was encoded, and the text needs no quoting anywhere."""
    text = base64url.encode(raw)
    assert base64url.decode(text) == raw
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in text)


def test_what_is_no_text_of_ours() -> None:
    """A text of an impossible length is refused."""
    with pytest.raises(ValueError, match="base64"):
        base64url.decode("A")


@pytest.mark.parametrize("text", ["Zm9v\n", "Zm 9v", "Zm9v=", "Zm9+", "Zm9/", "Zm9vé", "\0Zm9v"])
def test_other_spellings_are_refused(text: str) -> None:
    """Padding, spaces, letters of other alphabets: the same bytes have one text."""
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
