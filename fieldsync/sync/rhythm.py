"""When the next exchange is due: after success, after failure, and when a failure is worth another try.

Pure: the caller brings the clock's readings and one random draw. Back-off is exponential with full
jitter, so that ten thousand devices that lost one server do not come back in the same second.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from fieldsync.errors import (
    FieldsyncError,
    LocalCopyError,
    ProtocolMismatchError,
    UnauthorisedError,
    UnreachableError,
)

BASE_S = 5.0
CAP_S = 600.0
# However small the draw: a server in trouble is not asked twice in one second.
FLOOR_S = 1.0
# No honest server asks for more; a stranger's header must not silence a device for a year.
RETRY_AFTER_MAX_S = 3600.0
# What is recorded in one go at the door goes up in one exchange.
SETTLE_S = 2.0
# So often in a row an error that time may mend is met before it is a person's turn.
DOUBTS_MAX = 3
# A single `sync` waits this long itself, and this often.
SHORT_WAIT_S = 10.0
SHORT_WAITS = 2

# 401.2 and 401.3 come of a line that delays or repeats; 409.63 and 409.67 may be better next time;
# 602.3 is another program at work on the local database.
_TIME_MENDS = frozenset({"401.2", "401.3", "409.63", "409.67", "602.3", "602.41"})
# Two logs in one device's name, another device's receipt, records that neither side has any more.
_PERSON_MENDS = frozenset({"409.42", "409.62", "409.65", "409.66"})
_FORBIDDEN = 403
_REPEATED = "401.3"
# Both know a common protocol (else it is 426.61 or 426.62): what told the device's was lost on the way.
_HEADER_LOST = "426.1"


class Mending(StrEnum):
    """What an error waits for: time alone, a person, or time first and then a person."""

    TIME = "time"
    PERSON = "person"
    DOUBT = "doubt"


def mending_of(error: FieldsyncError) -> Mending:
    """Whether to try again; a doubt is whatever a line that alters bytes can bring about as well."""
    if error.code in _TIME_MENDS or isinstance(error, UnreachableError):
        return Mending.TIME
    if error.code == _HEADER_LOST:
        return Mending.DOUBT
    told_off = isinstance(error, UnauthorisedError) and error.http_status == _FORBIDDEN
    by_kind = isinstance(error, ProtocolMismatchError | LocalCopyError)
    # 600.x: a setting of this very device.
    by_kind = by_kind or error.code.startswith("600.")
    if error.code in _PERSON_MENDS or told_off or by_kind:
        return Mending.PERSON
    return Mending.DOUBT


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How it went so far: failures and doubts in a row, and the wait in seconds that follows."""

    every_s: float
    wait_s: float = 0.0
    failures: int = 0
    doubts: int = 0

    @property
    def over(self) -> bool:
        """Whether trying on would mend nothing."""
        return self.doubts >= DOUBTS_MAX

    def due_in_s(self, passed_s: float, *, unsent: bool) -> float:
        """Seconds until the next exchange, `passed_s` after the last one ended.

        What is recorded meanwhile goes soon after a success; after a failure the back-off stands.
        """
        wait = min(self.wait_s, SETTLE_S) if unsent and not self.failures else self.wait_s
        return max(0.0, wait - passed_s)


def after_success(before: Rhythm) -> Rhythm:
    """The usual wait, nothing held against the line."""
    return Rhythm(every_s=before.every_s, wait_s=before.every_s)


def after_failure(before: Rhythm, error: FieldsyncError, draw: float) -> Rhythm:
    """The next wait by the back-off, never before the server's `Retry-After`; `draw` is in [0, 1)."""
    mending = mending_of(error)
    # A doubt in between keeps the count: a line that is sometimes cut must not hide a lasting fault.
    doubts = before.doubts + (mending is Mending.DOUBT)
    return replace(
        before,
        wait_s=backoff_s(before.failures + 1, draw, retry_after_of(error)),
        failures=before.failures + 1,
        doubts=DOUBTS_MAX if mending is Mending.PERSON else doubts,
    )


def backoff_s(failures: int, draw: float, retry_after_s: float | None = None) -> float:
    """Seconds to wait after that many failures in a row: full jitter under an exponential roof."""
    # The exponent is bounded, or the thousandth failure would overflow a float.
    roof = min(CAP_S, BASE_S * 2.0 ** min(failures - 1, 30))
    jittered = max(FLOOR_S, draw * roof)
    if retry_after_s is None:
        return jittered
    return min(RETRY_AFTER_MAX_S, max(retry_after_s, 0.0)) + min(jittered, BASE_S)


def retry_after_of(error: FieldsyncError) -> float | None:
    """The seconds the server asked for, where it did."""
    told = error.details.get("retry_after_s")
    return float(told) if isinstance(told, int | float) else None


def short_wait_s(error: FieldsyncError, waits_so_far: int) -> float | None:
    """Seconds that a single request waits before it is sent again; None where it gives up.

    What a line delivered twice is signed anew and sent at once.
    """
    told = 0.0 if error.code == _REPEATED else retry_after_of(error)
    if told is None or waits_so_far >= SHORT_WAITS or not 0 <= told <= SHORT_WAIT_S:
        return None
    return told
