"""Where no log of the server takes this device's records any more, they go to its quarantine instead.

An older copy of the folder was put back, two copies are in use, or the device was revoked: in each
case the records are kept by the office until a person decides, and the device enrols again.
"""

from contextlib import suppress

from agent_cli.actions.outgoing import last_seq, pushed, sending, unsent_batch
from agent_cli.actions.talk import Talk
from agent_cli.actions.trust import PARTED_CODE, verified_quarantine
from agent_cli.actions.upload import upload_files
from agent_cli.context import DeviceContext
from agent_cli.store import journal
from agent_cli.store.database import writing
from agent_cli.store.states import JournalState
from fieldsync.errors import FieldsyncError
from fieldsync.sync.messages import QuarantineRequest
from fieldsync.words import Words, words

_ID_TAKEN, _REVOKED = "409.43", "403.46"
NO_LOG_TAKES = frozenset({PARTED_CODE, _ID_TAKEN, _REVOKED})


def set_apart(talk: Talk, error: FieldsyncError) -> FieldsyncError:
    """Hand over what was never sent; the error to raise: the same one, with what to do now."""
    # Whatever breaks off here, the records wait on the device, and the next exchange hands them over.
    with suppress(FieldsyncError):
        _hand_over(talk)
        if error.code != _REVOKED:
            upload_files(talk.ctx, talk.remote)
    return type(error)(error.code, error.message, _way_out(talk.ctx), **error.details)


def _hand_over(talk: Talk) -> None:
    """Batch by batch, each marked by the server's signed word; an older server knows no quarantine."""
    ctx, after = talk.ctx, 0
    while batch := unsent_batch(ctx.conn, after):
        with sending(ctx.conn, batch):
            told = talk.quarantine(QuarantineRequest(ctx.identity.device_id, pushed(batch)))
        if told is None:
            return
        kept = verified_quarantine(ctx, told)
        with writing(ctx.conn) as conn:
            journal.mark_quarantined(conn, kept)
        after = last_seq(batch)


def _way_out(ctx: DeviceContext) -> Words:
    counts, url = journal.counts(ctx.conn), ctx.identity.server_url
    waiting, apart = counts[JournalState.UNSENT], counts[JournalState.QUARANTINED]
    files = journal.files_only_here(ctx.conn)
    if waiting:
        return words(
            "Nothing is lost: {count} records wait here. Write them out with `fieldsync export"
            " --rescue FILE`, give the file to the office, and ask for a code to enrol this device"
            " again: `fieldsync enroll {url} --again`.",
            count=waiting,
            url=url,
        )
    if files:
        return words(
            "Nothing is lost: the office has your records, but {count} of their files are only here."
            " Write them out with `fieldsync export --rescue FILE`, give the file to the office, and"
            " ask for a code to enrol this device again: `fieldsync enroll {url} --again`.",
            count=files,
            url=url,
        )
    if apart:
        return words(
            "Nothing is lost: {count} records are kept apart by the office until someone looks. Ask"
            " for a code and enrol this device again: `fieldsync enroll {url} --again`.",
            count=apart,
            url=url,
        )
    return words(
        "Nothing is lost. Ask for a code and enrol this device again: `fieldsync enroll {url}"
        " --again`.",
        url=url,
    )
