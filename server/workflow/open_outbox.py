"""Opens the channel that the settings name; each is imported only where it is used."""

from fieldsync.ports import Notifier
from server.context import ServerContext

OUTBOX_FOLDER = "outbox"


def open_outbox(ctx: ServerContext) -> Notifier:
    """The channel on which borrowers are written to."""
    settings = ctx.config.outbox
    if settings.channel == "smtp":
        from fieldsync.adapters.outbox_smtp import MailServer, SmtpOutbox

        return SmtpOutbox(
            MailServer(
                host=settings.smtp_host,
                port=settings.smtp_port,
                tls=settings.smtp_tls,
                user=settings.smtp_user,
                password=settings.password() if settings.smtp_user else "",
                timeout_s=settings.timeout_s,
            ),
            sender=settings.smtp_from,
            to=settings.smtp_to,
        )
    if settings.channel == "webhook":
        from fieldsync.adapters.outbox_webhook import WebhookOutbox

        return WebhookOutbox(
            settings.webhook_url,
            key=ctx.keys.receipt,
            clock=ctx.clock,
            timeout_s=settings.timeout_s,
            loopback=ctx.config.training,
        )
    from fieldsync.adapters.outbox_folder import FolderOutbox

    return FolderOutbox(ctx.config.home / OUTBOX_FOLDER)
