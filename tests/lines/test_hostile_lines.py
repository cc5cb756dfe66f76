"""Lines that lose, double, delay, slow down or fall silent, and strangers that answer in the server's place."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent_cli.actions.attempt import attempt
from agent_cli.actions.talk import remote_of
from fieldsync.errors import UnreachableError
from tests.agent_cli.strangers import Stranger, standing_in
from tests.lines.counting import count_faults
from tests.lines.proxy import Manner
from tests.lines.worksite import Worksite

# 16 kbit/s.
_MODEM_BYTES_PER_S = 2000
_SIGN_IN = "<html><h1>Welcome to the hotel. Please sign in.</h1></html>"
_SECOND_OF_PATIENCE = 1


def _broken(site: Worksite, *manners: Manner, timeout_s: int = 20) -> str:
    """The code of an exchange over such a line, which must fail; a clean one then mends everything."""
    site.put_back()
    site.proxy.treat(*manners)
    with pytest.raises(UnreachableError) as broken:
        site.exchange(through_line=True, timeout_s=timeout_s)
    site.proxy.settle()
    site.device_state()
    site.exchange(through_line=False)
    site.agree()
    return broken.value.code


def test_a_reply_lost_after_the_commit(site: Worksite) -> None:
    """The server stored and applied the day, the device heard nothing: sent again, it is stored once."""
    assert _broken(site, Manner(cut_down=0)) == "601.6"
    assert _broken(site, Manner(cut_down=0, reset=True)) == "601.6"
    count_faults("line-loses-the-reply", ["G1", "G2", "G4"], 2, None)


def test_a_request_delivered_twice(site: Worksite) -> None:
    """The second delivery is refused by its nonce; the device signs anew and gets its answer."""
    site.put_back()
    site.proxy.treat(Manner(twice=True))
    assert site.exchange(through_line=True).sent == 5
    site.proxy.settle()
    assert b"401.3" in site.proxy.passages[0].down
    site.agree()
    count_faults("line-delivers-twice", ["G1", "G2"], 1, None)


def test_every_request_delivered_twice(site: Worksite) -> None:
    """Even where no request comes once only, nothing is applied twice and the device tells of the line."""
    assert _broken_or_done(site, *[Manner(twice=True)] * 20) in {"401.3", "done"}
    count_faults("line-always-delivers-twice", ["G1", "G2"], 20, None)


def _broken_or_done(site: Worksite, *manners: Manner) -> str:
    site.put_back()
    site.proxy.treat(*manners)
    code = "done"
    try:
        site.exchange(through_line=True)
    except Exception as error:  # noqa: BLE001 - whichever it is, it must be one of ours with a code
        code = getattr(error, "code", repr(error))
    site.proxy.settle()
    site.exchange(through_line=False)
    site.agree()
    return code


def test_a_delayed_reply_is_waited_for(site: Worksite) -> None:
    """A second's delay under the limit costs a second and nothing else."""
    site.put_back()
    site.proxy.treat(Manner(delay_s=1))
    assert site.exchange(through_line=True, timeout_s=20).sent == 5
    site.agree()
    count_faults("line-delays", ["G1", "G4"], 1, None)


def test_a_line_that_falls_silent(site: Worksite) -> None:
    """Half open, without any answer: given up after the time limit, in words, nothing changed."""
    site.put_back()
    before = site.device_state(), site.server_state()
    assert _broken(site, Manner(silent=True), timeout_s=_SECOND_OF_PATIENCE) == "601.3"
    site.put_back()
    assert (site.device_state(), site.server_state()) == before
    count_faults("line-falls-silent", ["G1"], 1, None)


def test_a_reply_that_stops_in_the_middle(site: Worksite) -> None:
    """Bytes came and then none: the limit counts from the last one."""
    slow = Manner(bytes_per_s=_MODEM_BYTES_PER_S, delay_s=0)
    assert _broken(site, replace(slow, cut_down=900, reset=True)) == "601.6"
    count_faults("line-slow-then-reset", ["G1", "G4"], 1, None)


def test_a_day_over_16_kbit(site: Worksite) -> None:
    """The day's records need longer than the time limit at 16 kbit/s, and arrive: the limit is per progress."""
    site.put_back()
    site.proxy.treat(Manner(bytes_per_s=_MODEM_BYTES_PER_S))
    begun = time.monotonic()
    assert site.exchange(through_line=True, timeout_s=_SECOND_OF_PATIENCE).sent == 5
    took_s = time.monotonic() - begun
    site.proxy.settle()
    site.agree()
    moved = len(site.proxy.passages[0].up) + len(site.proxy.passages[0].down)
    assert took_s > moved / _MODEM_BYTES_PER_S > _SECOND_OF_PATIENCE
    count_faults("line-16-kbit", ["G10"], 1, None)


@pytest.mark.slow
def test_a_day_with_its_paper_over_16_kbit(site: Worksite) -> None:
    """The signed agreement of 80 kB needs three quarters of a minute; five seconds of limit do not stop it."""
    site.put_back()
    site.proxy.treat(*[Manner(bytes_per_s=_MODEM_BYTES_PER_S)] * 20)
    assert site.exchange(through_line=True, timeout_s=5).uploaded == 2
    site.proxy.settle()
    site.agree()
    count_faults("line-16-kbit-with-files", ["G10"], len(site.proxy.passages), None)


def _truncated_gzip(to: Stranger, real: str) -> None:
    """The server's own answer, its compressed body cut short with a length that hides it."""
    answer = to.passed_on(real)
    content = gzip.compress(answer.content)[:-20]
    to.send_response(answer.status_code)
    to.send_header("Content-Type", "application/json")
    to.send_header("Content-Encoding", "gzip")
    to.send_header("Content-Length", str(len(content)))
    to.end_headers()
    to.wfile.write(content)


# name -> what it does at the address, the code that is told
STRANGERS: dict[str, tuple[Callable[[Stranger, str], None], str]] = {
    "portal 200": (lambda to, _real: to.say(200, _SIGN_IN), "601.4"),
    "portal 302": (
        lambda to, _real: to.say(302, _SIGN_IN, Location="http://127.0.0.1:9/login"), "601.4"),
    "portal 511": (lambda to, _real: to.say(511, _SIGN_IN), "601.4"),
    "another server's JSON": (
        lambda to, _real: to.say(200, json.dumps({"ok": True}), "application/json"), "601.4"),
    "another server's problem": (
        lambda to, _real: to.say(404, '{"title": "no"}', "application/problem+json"), "601.4"),
    "too many": (lambda to, _real: to.say(429, "slow down", Retry_After="120"), "601.5"),
    "truncated gzip": (_truncated_gzip, "601.6"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_answers(site: Worksite, name: str) -> None:
    """Whoever answers in the server's place is not believed, and the device stays as it was."""
    behave, code = STRANGERS[name]
    site.put_back()
    before = site.device_state()
    with standing_in(lambda to: behave(to, site.bank.url)) as url, site.opened("line") as ctx:
        remote = replace(remote_of(ctx), url=url, timeout_s=5)
        with pytest.raises(UnreachableError) as refused:
            attempt(ctx, remote, lambda _done: None)
    assert refused.value.code == code
    assert site.device_state() == before
    site.exchange(through_line=False)
    site.agree()
    count_faults(f"stranger-{name.replace(' ', '-')}", ["G1", "G4"], 1, None)


def test_a_busy_server_is_asked_again(site: Worksite) -> None:
    """503 with Retry-After up to ten seconds is waited out twice; the third time the command gives up."""
    waits: list[float] = []
    site.put_back()

    def busy(to: Stranger) -> None:
        to.problem(503, "503.1", "Busy.", Retry_After="7")

    with standing_in(busy) as url, site.opened("line") as ctx:
        remote = replace(remote_of(ctx), url=url, wait=waits.append)
        with pytest.raises(UnreachableError) as given_up:
            attempt(ctx, remote, lambda _done: None)
    assert (waits, given_up.value.details) == ([7, 7], {"retry_after_s": 7})
    count_faults("server-busy", ["G1"], 3, None)
