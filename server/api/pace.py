"""The first look at a device's request: who it says it is and where from, before its body is read."""

import re

from flask import request

from server.api.context import server
from server.workflow.limit_requests import count_unsigned, hold_back

_PREFIX = "/api/v1/"
# Enrolment has limits of its own (429.1); what a tool reads with no device in hand needs none.
_OPEN = frozenset({"/api/v1/enrol", "/api/v1/openapi.json"})
_KEY_ID = re.compile(r';keyid="([0-9A-Za-z_-]{1,64})"')


def check_pace() -> None:
    """UnauthorisedError 429.3 or 429.4 where the device or the address has to wait."""
    if request.path.startswith(_PREFIX) and request.path not in _OPEN and request.url_rule:
        hold_back(server(), _named(), source())


def note_unsigned() -> None:
    """The present request is signed by no device of ours."""
    count_unsigned(server(), _named(), source())


def source() -> str:
    """Where the present request comes from."""
    return request.remote_addr or "unknown"


def _named() -> str:
    """The device that the request names, true or not; empty where it names none."""
    found = _KEY_ID.search(request.headers.get("Signature-Input", ""))
    return found[1] if found else ""
