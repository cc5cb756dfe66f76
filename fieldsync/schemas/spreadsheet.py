"""Keeps text harmless in a file that a spreadsheet opens: no cell is ever taken for a formula.

A spreadsheet computes a cell that begins with certain characters (OWASP, CSV injection). An
apostrophe before it makes it plain text again, and is taken off where such a file comes back.
"""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def guarded(cell: str) -> str:
    """The cell as it may stand in a file that a spreadsheet opens."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`; any other comes back unchanged."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA_STARTS) else cell
