"""The shared core of Fieldsync: pure decisions, their borders, and the few adapters that do I/O.

The rule of the house: `agent_cli` and `server` import this package, never each other, and inside
it imports run one way: adapters -> schemas -> sync -> (planner | agreements | conduct) -> ports ->
domain -> errors -> words.
"""

__version__ = "0.1.0"
