"""A day's exchange cut at its bytes, request and reply: nothing lost, nothing twice, both agree again.

In every run at the head's lines and at every so-manieth byte; at every byte in `make test-all`.
"""

import random

import pytest

from fieldsync.errors import UnreachableError
from tests.lines.counting import count_faults
from tests.lines.proxy import OPEN, Manner
from tests.lines.worksite import DeviceState, ServerState, Worksite

SEED = 20261124
# Primes, so that no stride falls into step with the fields of a message.
_STRIDE_UP, _STRIDE_DOWN, _STRIDE_FILE = 193, 127, 7919
# Where a cut has changed nothing at all, the exchange after it is the same again: shown now and then.
_SHOWN_EACH = 50
_FILE_CUTS = 40
# Every byte, in shares that several workers take.
SHARES = 6


def _watched(site: Worksite) -> list[tuple[bytes, bytes]]:
    """What goes up and down in each connection of an exchange that nobody cuts."""
    site.put_back()
    site.proxy.treat()
    site.exchange(through_line=True)
    site.proxy.settle()
    site.agree()
    return [(bytes(passage.up), bytes(passage.down)) for passage in site.proxy.passages]


def _places(content: bytes, stride: int) -> list[int]:
    """The end of each line of the head with the bytes around it, and every `stride`-th byte after a draw."""
    drawn = random.Random(SEED).randrange(stride)  # noqa: S311 - a place to begin, not a secret
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    ends = {i for i in range(len(head)) if head.startswith(b"\r\n", i)}
    near = {place + step for place in ends for step in (-1, 0, 1, 2)}
    last = len(content) - 1
    return sorted({p for p in near | {0, last, *range(drawn, last, stride)} if 0 <= p <= last})


def _cut(site: Worksite, manner: Manner, connection: int = 0) -> None:
    """One exchange over a line that is cut in this connection: it must fail as an error of the line."""
    site.put_back()
    site.proxy.treat(*[OPEN] * connection, manner)
    with pytest.raises(UnreachableError) as broken:
        site.exchange(through_line=True)
    assert broken.value.code == "601.6", (manner, broken.value.code)
    site.proxy.settle()


def _mend(site: Worksite) -> None:
    """A clean exchange after the cut: G1 to G5 hold."""
    site.exchange(through_line=False)
    site.agree()


def _before(site: Worksite) -> tuple[DeviceState, ServerState]:
    site.put_back()
    return site.device_state(), site.server_state()


def _cut_requests(site: Worksite, places: list[int]) -> int:
    """A request that did not come whole changes neither side."""
    before = _before(site)
    for number, place in enumerate(places):
        _cut(site, Manner(cut_up=place, reset=number % 2 == 1))
        assert (site.device_state(), site.server_state()) == before, place
        if number % _SHOWN_EACH == 0:
            _mend(site)
    return len(places)


def _cut_replies(site: Worksite, places: list[int]) -> int:
    """A reply that did not come whole leaves the device as it was, and the server with the day."""
    device, _server = _before(site)
    stored = None
    for number, place in enumerate(places):
        _cut(site, Manner(cut_down=place, reset=number % 2 == 1))
        assert site.device_state() == device, place
        # Whatever the device heard of it, the server did one and the same thing.
        stored = stored or site.server_state()
        assert site.server_state() == stored
        assert len(stored.operations) == len(device.journal)
        _mend(site)
    return len(places)


def test_a_day_cut_here_and_there(site: Worksite) -> None:
    """Cut at every line of the heads and at every so-manieth byte, the day arrives once and whole."""
    up, down = _watched(site)[0]
    faults = _cut_requests(site, _places(up, _STRIDE_UP))
    faults += _cut_replies(site, _places(down, _STRIDE_DOWN))
    count_faults("line-cuts-here-and-there", ["G1", "G2", "G3", "G4", "G5"], faults, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_a_day_cut_at_every_byte(share: int, site: Worksite) -> None:
    """There is no byte of a day's request or reply after which a cut would lose or repeat anything."""
    up, down = _watched(site)[0]
    faults = _cut_requests(site, list(range(share, len(up), SHARES)))
    faults += _cut_replies(site, list(range(share, len(down), SHARES)))
    name = f"line-cuts-at-every-byte-{share + 1}-of-{SHARES}"
    count_faults(name, ["G1", "G2", "G3", "G4", "G5"], faults, None)


def test_a_file_cut_on_its_way(site: Worksite) -> None:
    """Records are safe whatever becomes of their file; the file arrives with the next exchange."""
    faults = [
        (connection, manner)
        for connection, (up, down) in enumerate(_watched(site))
        if connection > 0
        for manner in [
            *(Manner(cut_up=place) for place in _places(up, _STRIDE_FILE)),
            *(Manner(cut_down=place, reset=True) for place in _places(down, _STRIDE_DOWN)),
        ]
    ]
    for connection, manner in random.Random(SEED).sample(faults, _FILE_CUTS):  # noqa: S311 - as above
        _cut(site, manner, connection)
        states = {state for _seq, _hash, state in site.device_state().journal}
        assert states <= {"accepted", "held"}, manner
        _mend(site)
    count_faults("line-cuts-in-files", ["G1", "G4", "G10"], _FILE_CUTS, SEED)
