"""Ties this device to a server: makes its keys, trades the code for an identity, keeps both."""

import platform
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from marshmallow import ValidationError

from agent_cli import keys
from agent_cli.answers import not_ours
from agent_cli.identity import Identity, of_meta, to_meta
from agent_cli.protocols import in_common
from agent_cli.remote import Remote, checked_url
from agent_cli.store import meta
from agent_cli.store.clock_readings import note_server_time
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema, writing
from agent_cli.unlock import open_with
from agent_cli.vault import held_keys
from agent_cli.vault.envelope_opened import make_vault
from agent_cli.vault.vault_file import has_vault
from fieldsync.adapters.clock import SystemClock, SystemRandomness
from fieldsync.domain.ids import new_id
from fieldsync.errors import ConflictError, UnreachableError
from fieldsync.schemas.enrolment import EnrolResponse, EnrolResponseSchema
from fieldsync.words import words

_KEY_TOKEN_BYTES = 64
# There are no records yet that could stay on the device.
_ENROL_AGAIN = words(
    "This device is not enrolled. Check the address and the network, then enrol again;"
    " the code stays good until it is used or expires."
)


@dataclass(frozen=True, slots=True)
class Line:
    """How the server is reached."""

    timeout_s: int
    ca_file: str = ""


def enrol(home: Path, url: str, code: str, passphrase: str, line: Line) -> Identity:
    """The device's identity, stored. ConflictError 600.4 where this folder has one already.

    Id and keys are stored before they are sent: a lost answer is asked for again with the same ones.
    """
    server_url = checked_url(url)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _encrypt_from_the_first_byte(home, passphrase)
    with closing(connect(home / DATABASE_NAME)) as conn:
        ensure_schema(conn)
        facts = meta.read_all(conn)
        known = of_meta(facts)
        if known is not None:
            raise _already(known)
        clock, randomness = SystemClock(), SystemRandomness()
        device_id = facts.get("device_id")
        if device_id is None:
            keys.create_keys(home / keys.FOLDER, randomness.token(_KEY_TOKEN_BYTES))
            device_id = new_id(int(clock.now().timestamp() * 1000), randomness.token(10))
            with writing(conn):
                meta.write(conn, {"device_id": device_id})
        key = keys.load_key(home / keys.FOLDER, keys.REQUEST_KEY)
        remote = Remote(server_url, device_id, key, clock, randomness, line.timeout_s, line.ca_file)
        answer = _ask(remote, home, code)
        identity = Identity(
            device_id=device_id,
            officer_id=answer.officer.officer_id,
            officer_name=answer.officer.name,
            branch=answer.officer.branch,
            server_url=server_url,
            server_key=answer.server_key,
            epoch=answer.epoch,
            training=answer.training,
        )
        with writing(conn):
            meta.write(conn, to_meta(identity))
            note_server_time(conn, answer.server_time, clock)
        return identity


def _encrypt_from_the_first_byte(home: Path, passphrase: str) -> None:
    """The vault comes before the database; a folder whose enrolment failed has its vault already."""
    if has_vault(home):
        if held_keys.held(home) is None:
            open_with(home, passphrase)
    elif (home / DATABASE_NAME).is_file():
        # Left by an older program: whoever enrols here is told so, and nothing of it is touched.
        return
    else:
        held_keys.hold(home, make_vault(home, passphrase))


def _ask(remote: Remote, home: Path, code: str) -> EnrolResponse:
    operation_key = keys.load_key(home / keys.FOLDER, keys.OPERATION_KEY)
    asked = {
        "code": code,
        "device_id": remote.key_id,
        "device_name": platform.node() or "device",
        "request_key": keys.public_text(remote.key),
        "operation_key": keys.public_text(operation_key),
    }
    try:
        answer = EnrolResponseSchema().load(
            in_common(remote, lambda: remote.post("/api/v1/enrol", asked))
        )
    except UnreachableError as error:
        raise UnreachableError(error.code, error.message, _ENROL_AGAIN) from error
    except ValidationError as error:
        stranger = not_ours(remote.url)
        raise UnreachableError(stranger.code, stranger.message, _ENROL_AGAIN) from error
    if not isinstance(answer, EnrolResponse):
        raise TypeError("the schema makes an EnrolResponse")
    return answer


def _already(known: Identity) -> ConflictError:
    return ConflictError(
        "600.4",
        words(
            "This device is enrolled already, for {officer} at {url}.",
            officer=known.officer_name,
            url=known.server_url,
        ),
        words(
            "To make a new start here add --again: the old copy is moved aside. For another officer"
            " name another folder with --home."
        ),
    )
