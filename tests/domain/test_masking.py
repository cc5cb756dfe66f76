"""Identity numbers leave the server with their middle starred, and are never unmasked on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.domain.masking import mask_number

HIDDEN_MIN = 4


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("440305199001011237", "440***********1237"),
        ("4403**********1234", "4403**********1234"),
        ("A1234567", "****4567"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_the_middle_is_starred(number: str, shown: str) -> None:
    """Head and tail of a long number stay, the tail of a shorter one, nothing of a short one."""
    assert mask_number(number) == shown


@given(st.text("0123456789X", max_size=30))
def test_masking_hides_and_settles(number: str) -> None:
    """The length stays, four characters at least are hidden, and masking again changes nothing."""
    masked = mask_number(number)
    assert len(masked) == len(number)
    assert masked.count("*") >= min(len(number), HIDDEN_MIN)
    assert mask_number(masked) == masked
