"""The running server keeps to its own OpenAPI document: schemathesis asks, signed as a device would."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from schemathesis.generation import GenerationMode

from fieldsync.domain.officer import Officer
from server.app import create_app
from server.context import ServerContext
from tests.conftest import Proven
from tests.server.api_asking import SEED, Asking, asked, operations, running, speaking_for
from tests.server.conftest import CaseGiver
from tests.server.field_device import FieldDevice

ASKED = asked(tuple(GenerationMode))


def _named(asking: tuple[str, str, GenerationMode]) -> str:
    path, method, mode = asking
    return f"{method} {path} {mode.value}"


def held_to(asking: Asking, asked_for: tuple[str, str, GenerationMode], proven: Proven) -> None:
    """Ask, and write down how often."""
    asking.ask(*asked_for)
    refused = sum(status >= 400 for status in asking.statuses)
    proven(("API",), faults=refused, steps=len(asking.statuses), seed=SEED)


@pytest.fixture
def address(staffed: ServerContext) -> Iterator[str]:
    """A real server on loopback."""
    with running(create_app(staffed)) as url:
        yield url


def test_the_document_tells_of_every_route(client: FlaskClient) -> None:
    """No address of the API is left out of it, but its own."""
    rules = {
        (rule.rule.replace("<", "{").replace(">", "}"), method)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
        if rule.rule.startswith("/api/") and "openapi" not in rule.rule
    }
    # Flask answers HEAD wherever GET is told of.
    rules -= {(path, "HEAD") for path, method in rules if method == "GET"}
    assert rules == {one for one in operations() if one[0].startswith("/api/")}


@pytest.mark.parametrize("examples", [25, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("asking", ASKED, ids=_named)
def test_no_request_surprises_the_server(
    address: str,
    device: FieldDevice,
    give: CaseGiver,
    ana: Officer,
    asking: tuple[str, str, GenerationMode],
    examples: int,
    proven: Proven,
) -> None:
    """Whatever is asked, sound or not, the answer is one that the document tells of, and never a 500."""
    give(ana)
    held_to(Asking(address, examples, device, speaking_for(device.device_id)), asking, proven)
