"""Single cells of a book: what is read, and which fault anything else has."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.domain.case import Flag
from fieldsync.domain.money import Money
from fieldsync.domain.place import Datum, Point
from fieldsync.schemas import cells, identity
from fieldsync.schemas.coordinates import point_of
from fieldsync.schemas.fault import CellError, shortened

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.day, "2026-11-24", date(2026, 11, 24)),
        (cells.day, "2026/11/4", date(2026, 11, 4)),
        (cells.day, "2026.11.24", date(2026, 11, 24)),
        (cells.day, "20261124", date(2026, 11, 24)),
        (cells.day, "2026年1月4日", date(2026, 1, 4)),
        (cells.day, "2026-11-24 00:00:00", date(2026, 11, 24)),
        (cells.local_time, "2026-11-24 9:05", datetime(2026, 11, 24, 9, 5)),  # noqa: DTZ001 - local by nature
        (cells.local_time, "2026年11月24日 10时30分", datetime(2026, 11, 24, 10, 30)),  # noqa: DTZ001 - local by nature
        (cells.local_time, "2026-11-24T10:30:00+08:00", datetime(2026, 11, 24, 10, 30, tzinfo=CHINA)),
        (cells.clock_time, "8:30", time(8, 30)),
        (cells.amount, "¥12,345.60", "12345.60"),
        (cells.amount, "12345.60元", "12345.60"),
        (cells.whole_number, "95", 95),
        (cells.whole_number, "95.0", 95),
        (cells.text, "a\x1b[31m\nb", "a [31m b"),
        (cells.language, "zh", "zh-CN"),
        (cells.several_of(Flag), "Dispute；vulnerable", frozenset({Flag.DISPUTE, Flag.VULNERABLE})),
        (identity.identity_number, "44030119600101000 0".replace(" ", ""), "440301196001010000"),
        (identity.identity_number, "11010519491231002x", "11010519491231002X"),
        (identity.telephone, "138 0013 8000", "+8613800138000"),
        (identity.telephone, "0755-26500000", "+8675526500000"),
        (identity.telephone, "+44 20 7946 0000", "+442079460000"),
        (identity.telephones, "13800138000、13800138000;13900139000", ("+8613800138000", "+8613900139000")),
        (identity.currency, "cny", "CNY"),
        (cells.consents, "hours 2026-11-01/2026-12-31", (("hours", date(2026, 11, 1), date(2026, 12, 31)),)),
    ],
)  # fmt: skip
def test_a_good_cell_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    """Every form a bank is known to write is understood."""
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (cells.day, "2026-02-30", "422.104"),
        (cells.day, "2026-11-241", "422.104"),
        (cells.day, "24.11.2026", "422.104"),
        (cells.local_time, "2026-11-24 24:01", "422.105"),
        (cells.clock_time, "8.30", "422.105"),
        (cells.clock_time, "25:00", "422.105"),
        (cells.amount, "1e5", "422.102"),
        (cells.amount, "-1", "422.102"),
        (cells.amount, "NaN", "422.102"),
        (cells.whole_number, "9.5", "422.106"),
        (cells.whole_number, "99999", "422.106"),
        (cells.degrees, "inf", "422.107"),
        (cells.zone, "Asia/Atlantis", "422.113"),
        (cells.zone, "../etc/passwd", "422.113"),
        (identity.identity_number, "44030119600101000", "422.111"),
        (identity.identity_number, "990301196001010000", "422.111"),
        (identity.telephone, "911", "422.112"),
        (identity.currency, "YUAN", "422.103"),
        (cells.consents, "hours soon", "422.104"),
    ],
)
def test_a_bad_cell_has_its_code(read: Callable[[str], object], text: str, code: str) -> None:
    """What cannot be meant is refused, never guessed."""
    with pytest.raises(CellError) as caught:
        read(text)
    assert caught.value.fault.code == code


@pytest.mark.parametrize("read", [cells.day, cells.local_time, cells.amount, cells.degrees,
                                  cells.whole_number, cells.consents, identity.identity_number,
                                  identity.telephones, cells.clock_time, cells.zone])  # fmt: skip
@given(text=st.text(min_size=1, max_size=40))
def test_any_text_is_read_or_refused(read: Callable[[str], object], text: str) -> None:
    """No text at all brings anything but a value or a fault."""
    with suppress(CellError):
        read(text.strip() or "x")


@given(minor=st.integers(0, 10**14))
def test_every_amount_comes_back_to_the_cent(minor: int) -> None:
    """Reading what a ledger prints gives the same number of fen."""
    printed = f"{minor // 100:,}.{minor % 100:02d}"
    assert Money.parse(cells.amount(printed), "CNY") == Money(minor, "CNY")


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [(113.9, 22.5, "422.108"), (0.0, 0.0, "422.109"), (22.5, None, "422.110"), (None, 113.9, "422.110"), (100.0, 0.0, "422.107")],
)  # fmt: skip
def test_coordinates_that_cannot_be_meant_say_why(
    lat: float | None, lon: float | None, code: str
) -> None:
    """Swapped, missing, half and impossible places are told apart."""
    with pytest.raises(CellError) as caught:
        point_of(lat, lon, Datum.WGS84)
    assert caught.value.fault.code == code


@pytest.mark.parametrize(
    ("lat", "lon", "zone", "code"),
    [
        (42.36, -71.06, "America/New_York", None),
        (-71.06, 42.36, "America/New_York", "422.108"),
        (42.36, 71.06, "America/New_York", "422.109"),
        (0.0, 0.0, "Europe/London", "422.109"),
        (51.5, -0.12, "Europe/London", None),
        (51.5, -0.12, "Asia/Shanghai", "422.109"),
        (-17.7, -178.9, "Pacific/Fiji", None),
        (43.8, 87.6, "Asia/Urumqi", None),
    ],
)
def test_a_place_abroad_is_judged_by_its_clocks(
    lat: float, lon: float, zone: str, code: str | None
) -> None:
    """A book of another country is read; a slip in it is still told, where the sun gives it away."""
    if code is None:
        assert point_of(lat, lon, Datum.WGS84, ZoneInfo(zone)) == Point(lat, lon)
        return
    with pytest.raises(CellError) as caught:
        point_of(lat, lon, Datum.WGS84, ZoneInfo(zone))
    assert caught.value.fault.code == code


def test_no_coordinates_are_no_fault() -> None:
    """An address may come without a place on the map."""
    assert point_of(None, None, Datum.GCJ02) is None
    assert point_of(22.5, 113.9, Datum.WGS84) == Point(22.5, 113.9)


def test_a_report_shows_little_of_personal_numbers() -> None:
    """A report names the cell without spreading an identity number."""
    assert shortened("id_number", "440301196001010000") == "440301…"
    assert shortened("phones", "13500000000") == "135…"
