"""A device that only reads: how fast whole pulls, single pages and exchanges with no news come in."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import msgspec
import requests

from bench.sync_load import device_on

_PULLS = 5
_EXCHANGES = 50


class Reader:
    """An enrolled device; what it is sent is decoded, counted and put away."""

    def __init__(self, url: str, name: str, code: str) -> None:
        self._device = device_on(url, name)
        answer = self._device.enrol(code)
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(answer.get_data(as_text=True))
        self._cursor: str | None = None

    def pull(self) -> int:
        """Everything from the beginning, page by page; how many rows that was."""
        rows, answer = 0, self._exchange(None)
        while not answer["complete"]:
            rows += len(answer["changes"])
            answer = self._exchange(answer["cursor"])
        self._cursor = answer["cursor"]
        return rows + len(answer["changes"])

    def pull_ms(self) -> float:
        """Milliseconds of a whole pull: the median of five, after one that warms the workers up."""
        self.pull()
        return _median_ms(self.pull, _PULLS)

    def page(self) -> None:
        """The first page alone."""
        self._exchange(None)

    def no_news(self) -> None:
        """An exchange in which nothing is new; everything must have been pulled."""
        self._exchange(self._cursor)

    def no_news_ms(self) -> float:
        """Milliseconds of that: the median of fifty."""
        return _median_ms(self.no_news, _EXCHANGES)

    def _exchange(self, cursor: str | None) -> dict[str, Any]:
        pushed = self._device.push(cursor=cursor)
        if pushed.status_code != requests.codes.ok:
            raise RuntimeError(pushed.get_data(as_text=True))
        answer: dict[str, Any] = msgspec.json.decode(pushed.get_data())
        return answer


def _median_ms(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)
