"""The server's setting `rulesets`: whose packs it judges by, and what its devices are told of them."""

import dataclasses
from pathlib import Path

import pytest

from fieldsync.adapters.builtin_rulesets import pack_text
from fieldsync.domain.check import Level
from fieldsync.errors import InputError
from fieldsync.sync.feed import FeedOp
from server.config import CONFIG_NAME, load_config
from server.context import ServerContext
from server.workflow.examine_rules import check_rules
from server.workflow.share_reference import share_reference_with_all
from tests.server.field_device import FieldDevice

DEFAULT = 'rulesets = ["cn", "house"]'


def with_setting(ctx: ServerContext, setting: str) -> ServerContext:
    """The server, its settings file rewritten and read again."""
    path = ctx.config.home / CONFIG_NAME
    text = path.read_text(encoding="utf-8")
    assert DEFAULT in text
    path.write_text(text.replace(DEFAULT, setting), encoding="utf-8")
    fresh = load_config(str(ctx.config.home))
    return dataclasses.replace(ctx, config=fresh)


def own_pack(home: Path, text: str) -> None:
    """A pack of the bank's own beside the settings."""
    (home / "ours.toml").write_text(text, encoding="utf-8")


def our_text() -> str:
    """The optional pack of notices, under the bank's own name."""
    return pack_text("house-notice").replace('name = "house-notice"', 'name = "ours"')


def test_a_fresh_server_judges_by_mainland_china_and_the_house(server: ServerContext) -> None:
    """As the settings file says, which `init` wrote."""
    assert [pack.name for pack in server.rulesets] == ["cn", "house"]
    assert check_rules(server).level is Level.OK


def test_a_pack_beside_the_settings_counts(server: ServerContext) -> None:
    """Named by its file alone, wherever the program was started."""
    own_pack(server.config.home, our_text())
    ours = with_setting(server, 'rulesets = ["cn", "ours.toml"]')
    assert [pack.name for pack in ours.rulesets] == ["cn", "ours"]
    assert check_rules(ours).level is Level.OK


def test_doubts_about_a_bank_s_own_pack_are_warned_of(server: ServerContext) -> None:
    """Law in a house pack that nobody has read: `doctor` says so, the server serves."""
    own_pack(server.config.home, our_text().replace('strength = "house"', 'strength = "law"'))
    assert check_rules(with_setting(server, 'rulesets = ["ours.toml"]')).level is Level.WARN


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ('rulesets = ["atlantis"]', "422.504"),
        ('rulesets = ["cn", "cn"]', "422.506"),
        ("rulesets = []", "422.506"),
        ('rulesets = ["broken.toml"]', "422.51"),
        ('rulesets = ["cn", "twin.toml"]', "422.56"),
    ],
)
def test_packs_that_cannot_be_used_are_found_by_doctor(
    server: ServerContext, setting: str, code: str
) -> None:
    """Unknown, named twice, none, unreadable, or with a rule of another pack: nothing is judged by half."""
    home = server.config.home
    (home / "broken.toml").write_text("no pack", encoding="utf-8")
    twin = pack_text("cn").replace('name = "cn"', 'name = "twin"')
    (home / "twin.toml").write_text(twin, encoding="utf-8")
    wrong = with_setting(server, setting)
    assert check_rules(wrong).level is Level.FAIL
    with pytest.raises(InputError) as caught:
        _ = wrong.packs
    assert caught.value.code == code


@pytest.mark.parametrize("setting", ['rulesets = "cn"', "rulesets = [1]", 'rulesets = [""]'])
def test_a_setting_that_is_no_list_of_names_is_refused(server: ServerContext, setting: str) -> None:
    """When the settings are read, before anything is served."""
    with pytest.raises(InputError) as caught:
        with_setting(server, setting)
    assert caught.value.code == "422.507"


def test_a_pack_in_force_no_more_leaves_the_devices(
    staffed: ServerContext, device: FieldDevice
) -> None:
    """The next sync takes it away and brings the new one; then there is nothing more to tell."""
    assert {"ruleset:cn", "ruleset:house"} <= {row.key for row in device.sync().changes}
    own_pack(staffed.config.home, our_text())
    changed = with_setting(staffed, 'rulesets = ["cn", "ours.toml"]')
    assert share_reference_with_all(changed) == 2
    rows = {row.key: row.op for row in device.sync().changes}
    assert rows == {"ruleset:house": FeedOp.REMOVE, "ruleset:ours": FeedOp.PUT}
    assert share_reference_with_all(changed) == 0
