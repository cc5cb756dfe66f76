"""Search over the cases on the device; a Chinese name of two characters is found like any word.

SQLite's tokenizers take a run of Chinese as one word, so every such character is set apart by
spaces in the index, and a searched run becomes a phrase.
"""

from agent_cli.cipher import sqlite3
from fieldsync.domain.case import Case
from fieldsync.domain.codec import from_json

_FIRST_CJK, _LAST_CJK = "\u2e80", "\u9fff"
_BEYOND_BMP = "\U00020000"


def segmented(text: str) -> str:
    """The text with each Chinese character set apart."""
    return " ".join("".join(f" {c} " if _is_cjk(c) else c for c in text).split())


def index_case(conn: sqlite3.Connection, case_id: str, body: str) -> None:
    """Make a case findable by id, name, account, address and telephone."""
    case = from_json(body, Case)
    parts = (
        case_id,
        case.borrower.name,
        case.loan.account_ref,
        *(address.text for address in case.addresses),
        *case.borrower.phones,
    )
    conn.execute(
        "INSERT INTO search (case_id, text) VALUES (?, ?)"
        " ON CONFLICT (case_id) DO UPDATE SET text = excluded.text",
        (case_id, segmented(" ".join(parts))),
    )


def forget(conn: sqlite3.Connection, case_id: str) -> None:
    """Take a case out of the index; its words leave the index's segments too."""
    conn.execute("DELETE FROM search WHERE case_id = ?", (case_id,))
    conn.execute("INSERT INTO search_fts (search_fts) VALUES ('optimize')")


def find(conn: sqlite3.Connection, words: str, limit: int) -> tuple[str, ...]:
    """Ids of the cases that hold every word, best first; a word may be the beginning of one."""
    phrases = [segmented(word).replace('"', " ").strip() for word in words.split()]
    query = " ".join(f'"{phrase}" *' for phrase in phrases if phrase)
    if not query:
        return ()
    rows = conn.execute(
        "SELECT s.case_id FROM search_fts f JOIN search s ON s.rowid = f.rowid"
        " WHERE search_fts MATCH ? ORDER BY rank, s.case_id LIMIT ?",
        (query, limit),
    )
    return tuple(row["case_id"] for row in rows)


def _is_cjk(character: str) -> bool:
    return _FIRST_CJK <= character <= _LAST_CJK or character >= _BEYOND_BMP
