"""Letters by e-mail to a mail server: straight to a gateway for text messages, or to a print room."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from fieldsync.adapters.outbox_errors import not_taken, refused, unknown
from fieldsync.domain.notice import Letter

_TEMPORARY = range(400, 500)


@dataclass(frozen=True, slots=True)
class MailServer:
    """How to reach it: `tls` is `tls` from the first byte, `starttls`, or `none` (loopback only)."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: int = 20
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context


class SmtpOutbox:
    """The Notifier port over SMTP (RFC 5321). The Message-ID is the notice's, the same at every try."""

    channel = "smtp"
    repeatable = False

    def __init__(self, server: MailServer, *, sender: str, to: str) -> None:
        self._server = server
        self._sender = sender
        self._to = to

    def give(self, letter: Letter) -> None:
        """Send one message; the subject and the addresses tell no more than an envelope does."""
        if "{phone}" in self._to and not letter.phones:
            raise refused(self.channel, "no telephone number")
        to = self._to.replace("{phone}", letter.phones[0] if letter.phones else "")
        handed_over = False
        try:
            with self._connected() as smtp:
                handed_over = True
                smtp.send_message(self._message(letter, to), self._sender, [to])
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise self._answered(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPNotSupportedError as error:
            raise refused(self.channel, str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            lost = unknown if handed_over else not_taken
            raise lost(self.channel, str(error) or type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_s, context=server.context()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=server.context())
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _answered(self, code: int, told: bytes | str) -> Exception:
        text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
        temporary = code in _TEMPORARY
        return (not_taken if temporary else refused)(self.channel, f"{code} {text}")

    def _message(self, letter: Letter, to: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{letter.notice_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message
