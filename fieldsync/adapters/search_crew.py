"""Runs searches side by side, a process each, or one after the other where there is one core only."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing.synchronize import Event
from typing import ClassVar, Self

import pyvrp

from fieldsync.adapters.search_strand import Strand, StrandFound, search

_ASK_EVERY_S = 0.2


class SearchCrew:
    """Some workers on one problem. What they find does not depend on how many they are."""

    def __init__(self, data: pyvrp.ProblemData, workers: int) -> None:
        self._data, self._workers = data, workers
        self._pool: ProcessPoolExecutor | None = None
        # Each worker starts fresh: a copy of a process with threads may hang.
        self._processes = multiprocessing.get_context("spawn")
        self._ended = self._processes.Event()

    def __enter__(self) -> Self:
        if self._workers > 1:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=self._processes,
                initializer=_Worker.begin,
                initargs=(self._data, self._ended),
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def workers(self) -> int:
        """How many searches run at the same time."""
        return self._workers

    def run(self, strands: Sequence[Strand], stop: Callable[[], bool]) -> list[StrandFound]:
        """What each strand found, in their order; all of them end soon after `stop` says so."""
        if self._pool is None:
            return [search(self._data, strand, stop) for strand in strands]
        found = [self._pool.submit(_Worker.search, strand) for strand in strands]
        while wait(found, timeout=_ASK_EVERY_S).not_done:
            if stop():
                self._ended.set()
        return [one.result() for one in found]


def _leave_with_parent() -> None:
    """End this worker once the program that started it is gone, killed or crashed: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Worker:
    """What a worker process keeps between two strands: sending the matrix once is enough."""

    given: ClassVar[tuple[pyvrp.ProblemData, Event] | None] = None

    @classmethod
    def begin(cls, data: pyvrp.ProblemData, ended: Event) -> None:
        # Ctrl-C is for the program that asked; it lets the search end in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        cls.given = data, ended

    @classmethod
    def search(cls, strand: Strand) -> StrandFound:
        if cls.given is None:
            raise RuntimeError("a worker was asked before it was given the problem")
        data, ended = cls.given
        return search(data, strand, ended.is_set)
