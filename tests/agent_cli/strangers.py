"""What else may answer at the server's address: small real servers on loopback, each wrong in one way."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Stranger(BaseHTTPRequestHandler):
    """Reads the request whole, then does whatever `answer` of the server says."""

    def do_POST(self) -> None:
        """Answer a device."""
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.answer(self)  # type: ignore[attr-defined]  # set by `standing_in`

    do_GET = do_PUT = do_PATCH = do_POST  # noqa: N815 - the names http.server looks for

    def passed_on(self, url: str) -> requests.Response:
        """What the real server answers to this very request."""
        return requests.request(
            self.command,
            url + self.path,
            data=self.content,
            headers=dict(self.headers.items()),
            timeout=30,
        )

    def pass_on(self, url: str) -> None:
        """Answer as the real server does, with the headers that tus tells its state in."""
        answer = self.passed_on(url)
        tus = {
            name.replace("-", "_"): answer.headers[name]
            for name in ("Tus-Resumable", "Upload-Offset")
            if name in answer.headers
        }
        media_type = answer.headers.get("Content-Type", "text/plain")
        self.say(answer.status_code, answer.text, media_type, **tus)

    def log_message(self, *_args: object) -> None:
        """Say nothing in the tests' output."""

    def say(self, status: int, text: str, media_type: str = "text/html", **headers: str) -> None:
        """One whole reply."""
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def problem(self, status: int, code: str, detail: str, **more: str) -> None:
        """A problem document as our server writes them."""
        body = {"type": "about:blank", "title": "x", "status": status, "detail": detail}
        body |= {"code": code, "hint": None}
        self.say(status, json.dumps(body), "application/problem+json", **more)

    def hang_up(self, said: bytes) -> None:
        """Say this much and reset the connection."""
        self.wfile.write(said)
        self.wfile.flush()
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, (1).to_bytes(4, "little") + bytes(4)
        )
        self.close_connection = True
        self.connection.close()


@contextmanager
def standing_in(
    answer: Callable[[Stranger], None], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server on loopback while the block runs; its address."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    http.answer = answer  # type: ignore[attr-defined]  # read by the handler
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def self_made_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that no authority knows: the server's side, and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / "bank.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = folder / "bank.key"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return context, path
