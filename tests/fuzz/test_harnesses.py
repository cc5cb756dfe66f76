"""The harnesses hold: sound inputs are read, what once broke a parser and what hypothesis makes of them is refused."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.harness import CORPUS, finds
from tests.fuzz.table import HARNESSES

_SEED = 20261124
_EXAMPLES = 30


@st.composite
def broken(draw: st.DrawFn, sound: tuple[bytes, ...]) -> bytes:
    """A sound input cut, doubled, or with some bytes changed; or any bytes at all."""
    content = bytearray(draw(st.sampled_from(sound)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(content))))
        piece = draw(
            st.binary(max_size=6) | st.sampled_from([b"[" * 3000, b"9" * 5000, b"\xff" * 9])
        )
        content[at : at + draw(st.integers(0, 8))] = piece
    return draw(st.just(bytes(content)) | st.binary(max_size=200))


@pytest.mark.parametrize("name", HARNESSES)
def test_sound_inputs_and_old_finds_are_held(name: str) -> None:
    """Each harness takes what the product itself writes, and what a fuzzer once found."""
    harness = HARNESSES[name]
    assert list(harness.seeds())
    for content in (*harness.seeds(), *finds(name)):
        harness.held_to(content)


@pytest.mark.parametrize("name", HARNESSES)
def test_whatever_comes_is_read_or_refused(name: str) -> None:
    """Broken inputs and any bytes: nothing but the errors that the parser tells of."""
    harness = HARNESSES[name]

    @seed(_SEED)
    @given(content=broken(tuple(harness.seeds())))
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(content: bytes) -> None:
        harness.held_to(content)

    ask()


def test_every_find_belongs_to_a_harness() -> None:
    """A folder of finds without its harness would be looked at by nobody."""
    assert {Path(folder).name for folder in CORPUS.iterdir()} <= set(HARNESSES)
