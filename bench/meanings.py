"""What each figure of the benchmarks means in plain words, and what is promised of it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """A figure in words; `promise` is empty where none is given."""

    text: str
    promise: str = ""


_BATCHES = {
    "b100": "in batches of 100",
    "b1": "one by one",
}
_CLIENTS = {"c1": "from one device", "c2": "from two devices at once", "c8": "from eight at once"}
_STORES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_PUSH_PROMISES = {
    "push.sqlite.b100.c1": "half of the ceiling",
    "push.sqlite.b100.c2": "10,000/s",
    "push.postgres.b100.c2": "6,000/s",
}

_DAYS = {
    "branch": "made-up day of 40 pairs and 1,200 cases",
    "lunch": "the same day, and each pair eats for 45 minutes around noon",
    "heavy": "made-up day of 40 pairs, 4,000 cases and 213 appointments",
}
_PLANNED = {
    "prize": "points of the visits that are planned",
    "appointments_missed": "appointments the plan does not keep",
    "travel_s": "seconds on the way",
    "visits": "visits that are planned",
    "seconds": "wall clock from the problem to the finished plan",
}
_PLANNED_PROMISES = {
    "branch.prize": "1.02 times PyVRP used directly",
    "branch.appointments_missed": "none",
    "branch.travel_s": "at most PyVRP's",
    "heavy.prize": "more than PyVRP in stages",
    "heavy.appointments_missed": "none that can be kept",
}

MEANINGS: Mapping[str, Meaning] = {
    "today.encrypted_times": Meaning(
        "`fieldsync today` of an open encrypted device over an unencrypted one", "at most 1.3"
    ),
    "unlock.seconds": Meaning("opening a device with its passphrase", "0.2 to 0.5 by design"),
    "today.over_bare_ms": Meaning(
        "`fieldsync today` beyond a bare `python -c pass`",
        "the budget: 2.5 times a bare Python, and 60 ms",
    ),
    "help.over_bare_ms": Meaning(
        "`fieldsync --help` beyond a bare `python -c pass`", "the same budget"
    ),
    "import.100k_seconds": Meaning("importing a case book of 100,000 cases", "60 s"),
    "import.100k_rss_mb": Meaning("the most memory that takes", "500 MB"),
    "signing.verify_empty_ms": Meaning("checking who signed a request without a body", "1 ms"),
    "signing.verify_batch_ms": Meaning("the same with a batch of 100 kB", "1 ms"),
    "rules.one_action_ms": Meaning(
        "judging one action by the packs `cn` and `house`, on average over the branch", "1 ms"
    ),
    "rules.branch_day_seconds": Meaning(
        "who of a 1,200-case branch may be visited on a day, where and when", "2 s"
    ),
    "plan.1200_seconds": Meaning(
        "planning a branch of 1,200 cases and 20 pairs, from the program's start to its end", "30 s"
    ),
    "plan.1200_stops": Meaning("the stops of that plan"),
    "plan.1200_appointments_missed": Meaning("appointments it does not keep", "none"),
    **{
        f"push.{store}.{batch}.{clients}": Meaning(
            f"operations of 600 bytes a second into {told}, {how}, {who}; each verified, judged and"
            " durable",
            _PUSH_PROMISES.get(f"push.{store}.{batch}.{clients}", ""),
        )
        for store, told in _STORES.items()
        for batch, how in _BATCHES.items()
        for clients, who in _CLIENTS.items()
    },
    "pull.sqlite": Meaning("rows a second of a first pull of 10,000 from SQLite", "50,000/s"),
    "pull.postgres": Meaning("the same from PostgreSQL", "50,000/s"),
    "sync.nochange_ms": Meaning(
        "an exchange with nothing new, of an officer with 10,000 rows, as the device waits for it",
        "10 ms at the server",
    ),
    "sync.postgres.nochange_ms": Meaning("the same on PostgreSQL", "10 ms at the server"),
    "pull.million_over_10k": Meaning(
        "a pull of an officer's 1,000 rows with 1,000,000 cases in the store over one with 10,000",
        "1.2 times",
    ),
    "wire.day_up_bytes": Meaning(
        "a working day on the wire, up: 12 visits, 12 notes, 2 disclosures and 2 agreements without"
        " their files, headers counted",
        "12,000 bytes",
    ),
    "wire.day_down_bytes": Meaning("the answer to it, headers counted", "12,000 bytes"),
    "wire.day_round_trips": Meaning("requests that takes", "1"),
    "wire.day_files_up_bytes": Meaning("the two agreements' documents and signatures, sent after"),
    "fleet.10000_seconds": Meaning(
        "10,000 devices fetch 30 stops each from two workers, every request signed, every receipt and"
        " digest checked",
        "180 s",
    ),
    "fleet.10000_errors": Meaning("devices among them that did not get their morning", "none"),
    "fleet.p50_ms": Meaning("half of them waited less than this"),
    "fleet.p99_ms": Meaning("99 in 100 waited less than this"),
    "fleet.rss_growth_mb": Meaning(
        "growth of the workers' memory from the first 200 devices to the last", "flat"
    ),
    **{
        f"{day}.{figure}": Meaning(f"{text}, {told}", _PLANNED_PROMISES.get(f"{day}.{figure}", ""))
        for day, told in _DAYS.items()
        for figure, text in _PLANNED.items()
    },
    **{
        f"audit.push_share.{store}.{batch}.{clients}": Meaning(
            f"what the audit log's tree takes of pushes into {_STORES[store]} {_BATCHES[batch]},"
            f" {_CLIENTS[clients]}",
            "10 %",
        )
        for store in _STORES
        for batch in _BATCHES
        for clients in ("c1", "c8")
    },
    "quote_ms": Meaning("an instalment plan of 60 months worked out, in process", "5 ms"),
    "document_ms": Meaning("the document of a plan of 12 months, signed by hand, as PDF", "50 ms"),
    "seal_ms": Meaning("that document sealed with the device's key, offline", "150 ms"),
    "agree_cold_seconds": Meaning(
        "`fieldsync agree` with everything said, from the program's start to its end", "1.5 s"
    ),
    "document_60_months_kb": Meaning(
        "the sealed document of a plan of 60 months, the larger of one language and two", "150 kB"
    ),
    "replan.median_seconds_to_1_percent": Meaning(
        "the shortest re-plan of a pair's day of 25 candidates that ends within 1 % of the best known,"
        " in Python alone, without the program's start; `pyvrp` is PyVRP used directly",
        "0.3 s",
    ),
    "replan.percent_in_0.3_s": Meaning(
        "what a re-plan of 0.3 s is worth, of the best known, at the median", "99 %"
    ),
    "replan.cold_seconds": Meaning(
        "`fieldsync replan --json` with 25 candidates, from the program's start to its end", "0.5 s"
    ),
    "toptw.mean_percent": Meaning(
        "profit on team orienteering instances over a published heuristic's best of ten", "104 %"
    ),
    "toptw.worst_percent": Meaning("the same on the worst of them", "99 %"),
    "toptw.optima_found": Meaning(
        "instances of one path solved to their proven optimum", "27 of 29"
    ),
    "solomon.mean_gap_percent": Meaning(
        "distance on Solomon's instances above the best known", "0.1 %"
    ),
    "solomon.worst_gap_percent": Meaning("the same on the worst of them"),
    "scale.sample_seconds": Meaning(
        "branches of 40 pairs and 4,000 cases planned by `plan --all --jobs 2`, all of them"
    ),
    "scale.branch_seconds": Meaning("half of the branches took less, from a process's start"),
    "scale.peak_rss_mb": Meaning("the most memory of a branch's process", "1,000 MB"),
    "scale.appointments_missed": Meaning("appointments that none of their plans keeps"),
    "scale.reckoned_minutes": Meaning(
        "what 250 such branches would take on this machine: reckoned from the sample, not measured"
    ),
}
