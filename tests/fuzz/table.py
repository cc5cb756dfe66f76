"""Every parser that meets outside bytes, by name: a fuzzer and pytest walk the same table."""

from collections.abc import Mapping

from tests.fuzz.device_parsers import DEVICE
from tests.fuzz.harness import Harness
from tests.fuzz.server_parsers import SERVER
from tests.fuzz.shared_parsers import SHARED

HARNESSES: Mapping[str, Harness] = {**SHARED, **DEVICE, **SERVER}
