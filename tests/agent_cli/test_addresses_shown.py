"""Addresses in the day's table: what all of them share is told once, and the number at the end is seen."""

import pytest

from agent_cli.addresses_shown import shared_area
from fieldsync.locale import set_language
from tests.agent_cli.made_up import Device


@pytest.mark.parametrize(
    ("addresses", "area"),
    [
        (["深圳市南山区科苑路1号", "深圳市南山区南新路177号"], "深圳市南山区"),
        (["深圳市南山区科苑路1号", "深圳市福田区福华路2号"], "深圳市"),
        (["广东省深圳市南山区A", "广东省广州市天河区B"], "广东省"),
        (["深圳市南山区", "深圳市南山区科苑路1号"], ""),
        (["深圳市南山区科苑路1号"], ""),
        (["12 Market Street", "14 Market Street"], ""),
        (["科苑路1号", "科苑路2号"], ""),
        (["", ""], ""),
        ([], ""),
    ],
)
def test_the_area_is_what_all_share(addresses: list[str], area: str) -> None:
    """Whole provinces, cities and districts only, and never the whole of an address."""
    assert shared_area(addresses) == area


@pytest.mark.parametrize("columns", [100, 80])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_number_of_the_building_is_seen(
    device: Device, monkeypatch: pytest.MonkeyPatch, columns: int, language: str
) -> None:
    """At common widths no address is cut; JSON and the case file have it whole."""
    monkeypatch.setenv("COLUMNS", str(columns))
    set_language(language)
    shown = device.run("today").stdout
    assert shown.count("深圳市南山区") == 1
    for number in (1, 2, 3):
        assert f"科苑路{number}号" in shown
    assert "深圳市南山区科苑路1号" in device.run("today", "--json").stdout
    assert "深圳市南山区科苑路1号" in device.run("show", "C-000001").stdout


def test_the_map_tells_the_addresses(device: Device) -> None:
    """Beside the picture each stop has its address."""
    page = device.home / "day.html"
    assert device.run("today", "--map", str(page)).exit_code == 0
    assert "<small>深圳市南山区科苑路1号</small>" in page.read_text(encoding="utf-8")
