"""Promises to pay in the officer's cases, as plain JSON: what was promised, by when, and what came since."""

import json
from dataclasses import dataclass
from typing import Any

from agent_cli.cipher import sqlite3

# The newest promise of each case: from the bank's book and the office, or made on this device.
_PROMISES = """
SELECT substr(m.key, 6) AS case_id, json_extract(m.body, '$.borrower.name') AS name,
  json_extract(c.value, '$.at') AS made_at, json_extract(c.value, '$.promise_until') AS due,
  NULL AS amount, m.body AS body
FROM mirror m, json_each(m.body, '$.contacts') c
WHERE m.kind = 'case' AND json_extract(c.value, '$.promise_until') IS NOT NULL
UNION ALL
SELECT v.case_id, json_extract(m.body, '$.borrower.name'),
  json_extract(v.body, '$.finished_at'), json_extract(v.body, '$.promised_on'),
  json_extract(v.body, '$.promised'), m.body
FROM visits v JOIN mirror m ON m.key = 'case:' || v.case_id
WHERE json_extract(v.body, '$.promised_on') IS NOT NULL
ORDER BY due, amount
"""


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise; `amount` and `paid` (since it was made) are in minor units, None where unknown."""

    case_id: str
    name: str
    due: str
    amount: int | None
    currency: str
    paid: int

    @property
    def is_kept(self) -> bool:
        """Whether what was promised has come; where no sum is known, whether anything has."""
        return self.paid > 0 if self.amount is None else self.paid >= self.amount


def open_promises(conn: sqlite3.Connection, until: str) -> tuple[Promised, ...]:
    """The newest promise of each case that falls due by a day (YYYY-MM-DD) and is not kept, by due day."""
    newest: dict[str, Promised] = {}
    for row in conn.execute(_PROMISES):
        newest[row["case_id"]] = _promised(row)
    found = (p for p in newest.values() if p.due <= until and not p.is_kept)
    return tuple(sorted(found, key=lambda p: (p.due, p.case_id)))


def _promised(row: sqlite3.Row) -> Promised:
    case: dict[str, Any] = json.loads(row["body"])
    sum_: dict[str, Any] = json.loads(row["amount"]) if row["amount"] else {}
    paid = sum(
        payment["amount"]["amount_minor"]
        for payment in case["payments"]
        if payment["on"] >= row["made_at"][:10]
    )
    currency = sum_.get("currency", case["loan"]["principal"]["currency"])
    amount = sum_.get("amount_minor")
    return Promised(row["case_id"], row["name"], row["due"], amount, currency, paid)
