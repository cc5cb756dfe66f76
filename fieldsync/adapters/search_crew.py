"""Runs searches side by side, a process each, or one after the other where there is one core only."""

import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import ClassVar, Self

import pyvrp

from fieldsync.adapters.search_strand import Strand, StrandFound, search


class SearchCrew:
    """Some workers on one problem. What they find does not depend on how many they are."""

    def __init__(self, data: pyvrp.ProblemData, workers: int) -> None:
        self._data, self._workers = data, workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._workers > 1:
            self._pool = ProcessPoolExecutor(
                self._workers,
                # Each worker starts fresh: a copy of a process with threads may hang.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_Worker.begin,
                initargs=(self._data,),
            )
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def workers(self) -> int:
        """How many searches run at the same time."""
        return self._workers

    def run(self, strands: Sequence[Strand]) -> list[StrandFound]:
        """What each strand found, in their order."""
        if self._pool is None:
            return [search(self._data, strand) for strand in strands]
        return list(self._pool.map(_Worker.search, strands))


class _Worker:
    """What a worker process keeps between two strands: sending the matrix once is enough."""

    data: ClassVar[pyvrp.ProblemData | None] = None

    @classmethod
    def begin(cls, data: pyvrp.ProblemData) -> None:
        # Ctrl-C is for the program that asked; it lets the search end in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.data = data

    @classmethod
    def search(cls, strand: Strand) -> StrandFound:
        if cls.data is None:
            raise RuntimeError("a worker was asked before it was given the problem")
        return search(cls.data, strand)
