"""The server's section [roads]: whose travel times a plan is made with, and what doctor says of them."""

import dataclasses

import pytest

from fieldsync.domain.check import Level
from fieldsync.errors import InputError
from server.config import CONFIG_NAME, load_config
from server.context import ServerContext
from server.roads_settings import URL_VARIABLE, RoadSettings
from server.workflow.travel_times import CACHE_NAME, check_roads, travel_times
from tests.contracts.recorded_valhalla import PLACES, road_server


def with_roads(ctx: ServerContext, setting: str) -> ServerContext:
    """The server with this line in its section [roads]."""
    path = ctx.config.home / CONFIG_NAME
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[roads]\n{setting}\n", encoding="utf-8")
    return dataclasses.replace(ctx, config=load_config(str(ctx.config.home)))


def test_without_the_section_travel_times_are_estimates(server: ServerContext) -> None:
    """Nothing is asked, and nothing is wrong with that."""
    assert not server.config.roads.is_set
    assert travel_times(server).matrix(PLACES).source == "geodesic"
    assert check_roads(server).level is Level.OK


def test_a_road_server_is_asked_and_its_answers_kept(server: ServerContext) -> None:
    """The plan's matrix is of roads, doctor names the version, and the cache lies in the folder."""
    with road_server() as roads:
        ours = with_roads(server, f'url = "{roads.url}"\nmax_pairs = 9')
        table = travel_times(ours).matrix(PLACES)
        check = check_roads(ours)
    assert table.source.startswith("valhalla 3.9.1 (")
    assert (check.level, "valhalla 3.9.1" in str(check.found)) == (Level.OK, True)
    assert (server.config.home / CACHE_NAME).is_file()


def test_roads_that_cannot_be_had_are_warned_of_and_fail_no_plan(server: ServerContext) -> None:
    """No server at the address, an address that is none, and a folder without tiles."""
    for setting in (RoadSettings(url="http://127.0.0.1:9"), RoadSettings(url="roads.bank.example"), RoadSettings(tiles="nowhere")):  # fmt: skip
        ours = dataclasses.replace(server, config=dataclasses.replace(server.config, roads=setting))
        table = travel_times(ours).matrix(PLACES)
        assert (table.source, table.note is None) == ("geodesic", False)
        check = check_roads(ours)
        assert check.level is Level.WARN
        assert check.advice is not None


def test_the_environment_s_address_goes_before_the_file_s(
    server: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold a password, which belongs in no file."""
    monkeypatch.setenv(URL_VARIABLE, "https://ana:secret@roads.bank.example")
    assert with_roads(server, 'url = "https://other"').config.roads.url.startswith("https://ana:")


@pytest.mark.parametrize(
    "setting",
    ["url = 5", 'speed = "fast"', "max_pairs = 0", 'limit_s = "long"', "timeout_s = true"],
)
def test_a_setting_that_is_wrong_is_named(server: ServerContext, setting: str) -> None:
    """Before anything is planned with it."""
    with pytest.raises(InputError) as caught:
        with_roads(server, setting)
    assert caught.value.code == "422.604"
    assert f"roads.{setting.split(' ', maxsplit=1)[0]}" in str(caught.value.message)
