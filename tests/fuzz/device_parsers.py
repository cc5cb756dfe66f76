"""Harnesses of the device: what a server answers, what lies in its folder, what is drawn, typed and asked of it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import click
import requests
from marshmallow import ValidationError

from agent_cli.actions.attach import kind_of
from agent_cli.actions.check_in import read_secrets
from agent_cli.actions.tus import Tus
from agent_cli.answers import date_of, error_of, json_of, server_time_of
from agent_cli.config import CONFIG_NAME, settings, sound_value
from agent_cli.install_mark import doubt_of
from agent_cli.page.strokes import read_strokes
from agent_cli.plan_shown import read_count, read_day, read_months, read_rate
from agent_cli.remote import checked_url
from agent_cli.replan_asked import read_appointments, read_point
from agent_cli.store.packs import readable
from agent_cli.vault import envelope
from agent_cli.vault.device_keys import fresh_keys, is_sealed, of_text, to_text
from agent_cli.vault.vault_file import TRIES_NAME, VAULT_NAME, read_tries, read_vault
from fieldsync.adapters.builtin_rulesets import pack_text
from fieldsync.schemas.certificates import CertificateResponseSchema
from fieldsync.schemas.enrolment import EnrolResponseSchema
from fieldsync.schemas.problems import PROBLEM_TYPE
from fieldsync.schemas.sync import (
    QuarantineResponseSchema,
    RepairResponseSchema,
    SyncResponseSchema,
)
from fieldsync.terminal.basemap import Basemap
from tests.fuzz.harness import Harness, folder, in_file, text_of, typed

_NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_URL = "https://bank.example"
_ANSWERS = (
    SyncResponseSchema(),
    RepairResponseSchema(),
    QuarantineResponseSchema(),
    EnrolResponseSchema(),
    CertificateResponseSchema(),
)
_STATUSES = (200, 400, 401, 403, 404, 409, 410, 412, 413, 426, 429, 451, 500, 503)
_KEYS = fresh_keys(bytes(range(64)))
_NAME = "a" * 64
_OFFSET = "Upload-Offset"


def _answer(content: bytes, kind: str) -> requests.Response:
    """The first byte chooses the status, the rest of its line is what `Retry-After` and `Date` say."""
    answer = requests.Response()
    head, _, body = content.partition(b"\n")
    answer.status_code = _STATUSES[head[0] % len(_STATUSES)] if head else 200
    answer.headers["Content-Type"] = kind
    wait, _, date = head[1:].partition(b"|")
    answer.headers["Retry-After"] = wait.decode("latin-1")
    answer.headers["Date"] = date.decode("latin-1")
    answer._content = body
    return answer


def _page(content: bytes) -> None:
    """What an exchange makes of an answer that went well, whichever schema it is for."""
    data = json_of(_URL, _answer(content, "application/json"))
    for schema in _ANSWERS:
        try:
            schema.load(data)
        except ValidationError:
            continue


def _problem(content: bytes) -> None:
    answer = _answer(content, PROBLEM_TYPE)
    server_time_of(answer)
    date_of(answer)
    raised = error_of(_URL, answer)
    assert str(raised) is not None
    assert str(raised.hint) is not None


def _pages() -> Iterator[bytes]:
    sync = {"results": [], "changes": [], "cursor": "c", "more": False, "epoch": "e"}
    told = {"officer_id": "O-1", "name": "Ana", "branch": "B", "timezone": "Asia/Shanghai"}
    enrolled = {"officer": told, "server_key": "A" * 43}
    for one in (sync, {"receipt": {"body": "{}", "sig": "A" * 86}}, {"certificate": "x"}, enrolled):
        yield b"\x00\n" + json.dumps(one).encode()


def _problems() -> Iterator[bytes]:
    for place in range(len(_STATUSES)):
        body = {"code": "401.2", "detail": "The clock is {off}.", "server_time": _NOW.isoformat()}
        yield bytes([place]) + b"120\n" + json.dumps(body).encode()
        yield bytes([place]) + b"Wed, 25 Nov 2026 09:00:00 GMT|Tue, 24 Nov 2026 09:00:00 GMT\n{}"


class _Whole:
    """Portions that never change."""

    size = 4

    @contextmanager
    def sending(self, _size: int) -> Iterator[None]:
        """Nothing is learned."""
        yield


class _Told:
    """A server that answers an upload in headers alone."""

    url = _URL

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = told

    def ask(self, *_asked: object) -> Mapping[str, str]:
        """The same to everything."""
        return self._told


def _upload(content: bytes) -> None:
    told = {"Tus-Resumable": "1.0.0", _OFFSET: content.decode("latin-1")}
    remote = _Told(told)
    with in_file("upload", b"0123456789").open("rb") as file:
        Tus(remote, _Whole()).send(file, _NAME)  # type: ignore[arg-type]


def _vault(content: bytes) -> None:
    in_file(VAULT_NAME, content)
    facts = read_vault(folder())
    if facts is not None:
        envelope.of_json(facts["envelope"])


def _vaults() -> Iterator[bytes]:
    cost = envelope.Cost(1, 8192)
    token = bytes(envelope.SALT_BYTES + envelope.NONCE_BYTES)
    sealed = envelope.wrap(to_text(_KEYS), "a passphrase", None, token, cost)
    facts = {"format": 1, "name": "n", "converting": False, "envelope": envelope.to_json(sealed)}
    yield json.dumps(facts).encode()


def _tries(content: bytes) -> None:
    in_file(TRIES_NAME, content)
    assert 0 <= read_tries(folder()).wait_s(_NOW.timestamp()) <= 900


def _settings(content: bytes) -> None:
    in_file(CONFIG_NAME, content)
    for name in settings(folder()):
        sound_value(folder(), name)


def _mark(content: bytes) -> None:
    """A mark that says what it likes: the folder is doubted, or it is not."""
    in_file("device-1.json", content)
    doubt_of(_Nothing(), {"install_id": "i"}, "device-1")  # type: ignore[arg-type]


class _Nothing:
    """A journal in which nothing is found."""

    def execute(self, *_asked: object) -> "_Nothing":
        """Any question."""
        return self

    def fetchone(self) -> None:
        """No row."""


def _strokes(content: bytes) -> None:
    """As the page's form brings them: JSON that its own parser has read."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(told, dict):
        read_strokes(told)


def _typed(content: bytes) -> None:
    text = typed(content)
    for read in (read_day, read_rate, read_count, read_months, read_point, checked_url):
        try:
            read(text)
        except click.ClickException:
            continue


def _basemap(content: bytes) -> None:
    Basemap.read(in_file("map.pmtiles", content))


DEVICE: Mapping[str, Harness] = {
    "answer-of-a-server": Harness(_page, _pages),
    "problem-of-a-server": Harness(_problem, _problems),
    "upload-headers-of-a-server": Harness(_upload, lambda: iter([b"0", b"10", b"5"])),
    "rule-pack-from-the-feed": Harness(
        lambda content: readable(text_of(content)),
        lambda: iter([json.dumps({"toml": pack_text("cn")}).encode()]),
    ),
    "vault-file": Harness(_vault, _vaults, (KeyError, TypeError, ValueError)),
    "vault-tries": Harness(_tries, lambda: iter([b"[6, 1790000000.0]"])),
    "keys-of-a-device": Harness(
        lambda content: of_text(text_of(content)),
        lambda: iter([to_text(_KEYS).encode()]),
        (ValueError,),
    ),
    "sealed-file": Harness(
        lambda content: _KEYS.unseal(content, _NAME) if is_sealed(content) else None,
        lambda: iter([_KEYS.seal(b"content", _NAME, bytes(24))]),
        (ValueError,),
    ),
    "settings-of-a-device": Harness(
        _settings, lambda: iter([b'language = "zh-CN"\ntimeout_s = "20"\n'])
    ),
    "mark-of-an-install": Harness(
        _mark, lambda: iter([b'{"install_id": "i", "seq": 1, "hash": "h"}'])
    ),
    "strokes": Harness(
        _strokes,
        lambda: iter([b'{"how": "drawn", "strokes": [[[0, 0, 0, 1], [90, 90, 5, 0.5]]]}']),
    ),
    "what-an-officer-types": Harness(
        _typed, lambda: iter([b"2026-12-01", b"12.5%", b"3", b"22.5,113.9", b"https://x.example"])
    ),
    "appointments": Harness(
        lambda content: read_appointments([typed(content)], _NOW),
        lambda: iter([b"C-1=09:00-10:00"]),
        (click.ClickException,),
    ),
    "file-of-secrets": Harness(
        lambda content: read_secrets(in_file("secrets.txt", content)),
        lambda: iter([b"O-1 four random words\n# a remark\n"]),
    ),
    "attached-file": Harness(
        lambda content: kind_of(in_file("photo", content)),
        lambda: iter([b"\xff\xd8\xff\xe0", b"%PDF-1.7"]),
    ),
    "basemap": Harness(_basemap, lambda: iter([b"PMTiles\x03" + bytes(120)])),
}
