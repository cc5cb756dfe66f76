"""Forgets what devices need no more: old removals, results long decided, nonces that cannot come again.

A device that was away for longer is told 410 and fetches its rows anew, beside its journal; no
record is ever pruned.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.context import ServerContext
from server.store.engine import writing
from server.store.feed import publish
from server.store.nonces import sweep_nonces
from server.store.pruning import drop_removals, settled_results
from server.store.retrying import retried

REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went."""

    removals: int
    results: int
    nonces: int


def prune(ctx: ServerContext) -> Pruned:
    """Forget it, in transactions small enough that devices and office go on meanwhile."""
    now = ctx.clock.now()
    removals = results = 0
    while dropped := _drop_some(ctx, now):
        removals += dropped
    while told := _forget_some(ctx, now):
        results += told
    return Pruned(removals, results, _sweep(ctx, now))


@retried
def _drop_some(ctx: ServerContext, now: datetime) -> int:
    with writing(ctx.engine) as conn:
        return drop_removals(conn, now - REMEMBERED)


@retried
def _forget_some(ctx: ServerContext, now: datetime) -> int:
    """Results leave the devices as every row does: by a removal, which is remembered in its turn."""
    with writing(ctx.engine) as conn:
        changes = settled_results(conn, now - REMEMBERED)
        publish(conn, changes, now)
    return len(changes)


@retried
def _sweep(ctx: ServerContext, now: datetime) -> int:
    with writing(ctx.engine) as conn:
        return sweep_nonces(conn, now)
