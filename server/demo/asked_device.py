"""What one of the demo's devices says of itself when its own program is asked."""

import json
from dataclasses import dataclass

from fieldsync.errors import FieldsyncError
from fieldsync.locale import render
from server.demo.cast import at
from server.demo.programs import Programs

_NOT_HERE = "404.61"


@dataclass(frozen=True, slots=True)
class AskedDevice:
    """An officer's device, asked in the evening."""

    programs: Programs
    officer: str

    def recorded(self) -> list[str]:
        """The ids of every record on it."""
        told = self._asked("status", "--all", "--json")
        return [operation["op_id"] for operation in json.loads(told)["operations"]]

    def is_stopped(self, case_id: str) -> bool:
        """Whether it holds the case with its stop, or does not hold the case at all."""
        try:
            told = self._asked("show", case_id, "--json")
        except FieldsyncError as error:
            if _NOT_HERE not in render(error.message):
                raise
            return True
        return bool(json.loads(told)["case"]["holds"])

    def _asked(self, *args: str) -> str:
        return self.programs.device(self.officer, *args, at=at("19:04"), show=False).out
