"""Measures the rules: one action judged, and who of a 1,200-case branch may be visited on a day, and when."""

import time
from datetime import date, datetime
from pathlib import Path

from bench.report import Result, run
from fieldsync.adapters.builtin_rulesets import builtin_rulesets
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.eligibility import assess
from fieldsync.conduct.evaluate import evaluate
from server.context import open_server
from server.store.cases import load_branch
from server.store.engine import reading
from server.workflow.book_files import load_mapping
from server.workflow.import_cases import ImportOptions, import_cases
from server.workflow.import_staff import import_staff
from server.workflow.initialise import initialise

_BOOK = Path(__file__).parent.parent / "fixtures" / "shenzhen"
_BRANCH, _DAY = "SZ-NANSHAN", date(2026, 11, 24)
_AT = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


def measure(folder: Path) -> list[Result]:
    """Import the fixture branch, then judge every case once, and its whole day."""
    home = folder / "bank"
    initialise(home, training=True)
    ctx = open_server(str(home))
    import_staff(ctx, _BOOK / "staff.csv")
    books = [_BOOK / name for name in ("cases.csv", "contacts.csv", "payments.csv")]
    import_cases(ctx, books, load_mapping(None), ImportOptions(), lambda *_: None)
    packs = builtin_rulesets()
    with reading(ctx.engine) as conn:
        cases = load_branch(conn, _BRANCH)
    ctx.engine.dispose()
    facts = [facts_of(c, c.addresses[0] if c.addresses else None, _AT, ("1", "2")) for c in cases]
    begun = time.perf_counter()
    for known in facts:
        evaluate(known, packs)
    one_ms = (time.perf_counter() - begun) * 1000 / len(facts)
    begun = time.perf_counter()
    for case in cases:
        assess(case, _DAY, packs)
    seconds = time.perf_counter() - begun
    return [
        Result("rules.one_action_ms", round(one_ms, 4), "ms", {"budget": 1.0}),
        Result(
            "rules.branch_day_seconds", round(seconds, 3), "s", {"budget": 2.0, "cases": len(cases)}
        ),
    ]


if __name__ == "__main__":
    run(__doc__, measure)
