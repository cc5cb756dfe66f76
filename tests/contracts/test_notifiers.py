"""The Notifier port: one suite for the folder, for a mail server and for a web service."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldsync.adapters.outbox_folder import FolderOutbox
from fieldsync.adapters.outbox_smtp import MailServer, SmtpOutbox
from fieldsync.adapters.outbox_webhook import KEY_ID, WebhookOutbox, reaches_inwards
from fieldsync.adapters.request_signatures import ReceivedRequest, verify_request
from fieldsync.domain.notice import Letter
from fieldsync.errors import InputError, UnreachableError
from fieldsync.ports import Notifier
from tests.fakes import FixedClock

LETTER = Letter(
    notice_id="019ab0c4-6e5c-7d53-8f6e-3a1b2c3d4e5f",
    recipient="李梅",
    address="南山区1号",
    phones=("13800000000",),
    subject="亲启（仅限 李梅 本人拆阅）",
    text="李梅：\n\n　　2026年11月25日 09:00 至 11:00 之间",
    html="<!doctype html><title>亲启</title><p>李梅</p>",
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CLOCK = FixedClock(datetime.fromisoformat("2026-11-24T10:00:00+08:00"))


@dataclass(slots=True)
class Place:
    """A channel with its other end: `texts` are what arrived there, `answer` how it replies."""

    notifier: Notifier
    texts: Callable[[], list[str]]
    answer: Callable[[int], None]


@dataclass(slots=True)
class MailHandler:
    """The other end of the mail: keeps what comes, or replies with a code."""

    code: int = 250
    mails: list[bytes] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        await asyncio.sleep(0)
        if self.code != 250:
            return f"{self.code} not now"
        self.mails.append(envelope.content)
        self.rcpt += envelope.rcpt_tos
        return "250 taken"


class Service(HTTPServer):
    """A web service that keeps what is posted to it, once for each key."""

    code = 200
    location = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Posted)
        self.requests: dict[str, tuple[ReceivedRequest, bytes]] = {}


class Posted(BaseHTTPRequestHandler):
    """One request to the service."""

    def do_POST(self) -> None:
        """Keep it and reply with the code of the test."""
        server = self.server
        assert isinstance(server, Service)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if server.code == 200:
            url = f"http://127.0.0.1{self.path}"
            received = ReceivedRequest("POST", url, dict(self.headers.items()))
            server.requests[self.headers["Idempotency-Key"]] = (received, body)
        self.send_response(server.code)
        if server.location:
            self.send_header("Location", server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def mail() -> Iterator[tuple[MailHandler, int]]:
    """A running mail server and its port."""
    handler = MailHandler()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture
def service() -> Iterator[Service]:
    """A running web service."""
    server = Service()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def by_mail(port: int, to: str = "{phone}@sms.bank.example") -> SmtpOutbox:
    """The channel to a mail server of the test."""
    server = MailServer("127.0.0.1", port, "none", timeout_s=5)
    return SmtpOutbox(server, sender="visits@bank.example", to=to)


def by_web(port: int) -> WebhookOutbox:
    """The channel to a web service of the test."""
    url = f"http://127.0.0.1:{port}/letters?kind=visit"
    return WebhookOutbox(url, key=KEY, clock=CLOCK, timeout_s=5, loopback=True)


@pytest.fixture(params=["file", "smtp", "webhook"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each channel there is, with its other end."""
    if request.param == "file":
        folder = tmp_path / "outbox"
        return Place(
            FolderOutbox(folder), lambda: _files(folder), lambda code: _close(folder, code)
        )
    if request.param == "smtp":
        handler, port = request.getfixturevalue("mail")
        return Place(
            by_mail(port),
            lambda: [_text(mail) for mail in handler.mails],
            lambda code: setattr(handler, "code", code),
        )
    service: Service = request.getfixturevalue("service")
    return Place(
        by_web(service.server_port),
        lambda: [json.loads(body)["text"] for _request, body in service.requests.values()],
        lambda code: setattr(service, "code", code),
    )


def _files(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.glob("*.txt")]


def _close(folder: Path, _code: int) -> None:
    """A file where the folder should be."""
    folder.write_text("in the way", encoding="utf-8")


def _text(mail: bytes) -> str:
    body = message_from_bytes(mail, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").strip()


def test_a_letter_arrives_whole(place: Place) -> None:
    """Every character, in whatever language."""
    place.notifier.give(LETTER)
    assert place.texts() == [LETTER.text]


def test_a_repeatable_channel_gives_the_same_letter_once(place: Place) -> None:
    """Where a channel says that it may be repeated, a second copy reaches nobody."""
    place.notifier.give(LETTER)
    if place.notifier.repeatable:
        place.notifier.give(LETTER)
    assert len(place.texts()) == 1


def test_letters_of_different_notices_are_kept_apart(place: Place) -> None:
    """The id is the notice's, not the borrower's."""
    place.notifier.give(LETTER)
    place.notifier.give(replace(LETTER, notice_id=LETTER.notice_id[:-1] + "0", text="另一份"))
    assert sorted(place.texts()) == sorted([LETTER.text, "另一份"])


def test_what_was_not_taken_may_be_tried_again(place: Place) -> None:
    """A busy channel says so; nothing has arrived."""
    place.answer(451 if place.notifier.channel == "smtp" else 503)
    with pytest.raises(UnreachableError) as error:
        place.notifier.give(LETTER)
    assert error.value.code == "502.1"


@pytest.mark.parametrize("channel", ["smtp", "webhook"])
def test_nobody_there_is_not_taken(channel: str) -> None:
    """A line that never opened carried nothing."""
    port = free_port()
    notifier: Notifier = by_mail(port) if channel == "smtp" else by_web(port)
    with pytest.raises(UnreachableError) as error:
        notifier.give(LETTER)
    assert error.value.code == "502.1"


def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    mail: tuple[MailHandler, int],
) -> None:
    """The server's 5xx is a no."""
    handler, port = mail
    handler.code = 554
    with pytest.raises(UnreachableError) as error:
        by_mail(port).give(LETTER)
    assert error.value.code == "502.2"


def test_a_mail_carries_the_notices_id_and_a_plain_outside(mail: tuple[MailHandler, int]) -> None:
    """The same Message-ID at every try; the gateway's address is made of the telephone number."""
    handler, port = mail
    by_mail(port).give(LETTER)
    message = message_from_bytes(handler.mails[0], policy=policy.default)
    assert message["Message-ID"] == f"<{LETTER.notice_id}@bank.example>"
    assert message["Subject"] == LETTER.subject
    assert handler.rcpt == ["13800000000@sms.bank.example"]


def test_a_borrower_without_a_telephone_gets_no_text_message(
    mail: tuple[MailHandler, int],
) -> None:
    """The gateway needs a number; without one it is a refusal that names the reason."""
    handler, port = mail
    with pytest.raises(UnreachableError) as error:
        by_mail(port).give(replace(LETTER, phones=()))
    assert error.value.code == "502.2"
    assert handler.mails == []


def test_a_request_is_signed_with_the_servers_key(service: Service) -> None:
    """The receiver checks method, path, query and body with the public key alone."""
    by_web(service.server_port).give(LETTER)
    ((request, body),) = service.requests.values()
    signed = verify_request(
        request, body, lambda name: KEY.public_key() if name == KEY_ID else None
    )
    assert signed.created == CLOCK.now()
    assert signed.nonce == LETTER.notice_id


def test_a_redirect_is_followed_nowhere(service: Service) -> None:
    """Whoever answers 307 sends the letter to no other place."""
    other = free_port()
    service.code, service.location = 307, f"http://127.0.0.1:{other}/"
    with pytest.raises(UnreachableError) as error:
        by_web(service.server_port).give(LETTER)
    assert error.value.code == "502.2"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://letters.bank.example/", True),
        ("http://127.0.0.1:8000/", False),
        ("http://localhost.evil.example/", True),
        ("https://user:secret@letters.bank.example/", True),
        ("file:///etc/passwd", True),
        ("ftp://letters.bank.example/", True),
        ("https://", True),
        ("http://169.254.169.254/latest", True),
    ],
)
def test_unsafe_addresses_are_refused(url: str, *, loopback: bool) -> None:
    """Only https, or this very machine while practising."""
    with pytest.raises(InputError) as error:
        WebhookOutbox(url, key=KEY, clock=CLOCK, loopback=loopback)
    assert error.value.code == "422.534"


@pytest.mark.parametrize(
    ("peer", "inwards"),
    [
        ("169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("::ffff:169.254.169.254", True),
        ("224.0.0.1", True),
        ("0.0.0.0", True),  # noqa: S104 - an address that must not be reached
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("93.184.216.34", False),
        ("2606:2800:220:1::1", False),
    ],
)
def test_ssrf_a_webhook_never_reaches_link_local_addresses(peer: str, *, inwards: bool) -> None:
    """Where a name resolves to the cloud's own address for credentials, nothing is sent."""
    assert reaches_inwards(peer) == inwards
