"""What the OpenAPI document says of files in chunks (tus 1.0)."""

from typing import Any, Protocol

from fieldsync.sync.files import CHUNK_TYPE, TUS_HEADER, TUS_VERSION

_HEX64 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_SHA256 = {"name": "sha256", "in": "path", "required": True, "schema": _HEX64}
_NUMBER = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_PROBLEMS = (400, 401, 403, 404, 412, 413, 422, 426, 503, 507)
_OFFSET = {
    "Upload-Offset": {"schema": _NUMBER, "description": "How much of the file is on the server"},
    "Upload-Expires": {
        "schema": {"type": "string"},
        "description": "Until when an unfinished upload is kept",
    },
}


class Describes(Protocol):
    """Makes one operation of the document, with its problems and what all of them have."""

    def __call__(
        self,
        summary: str,
        *,
        answers: dict[int, dict[str, Any]],
        problems: tuple[int, ...],
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The operation."""
        ...


def paths_of_files(operation: Describes) -> dict[str, dict[str, Any]]:
    """Each address of tus with its operations, as `APISpec.path` takes them."""
    create = operation(
        "Begin the upload of a file, or find the one that was begun",
        answers={200: _answer("Begun before"), 201: _answer("Begun")},
        problems=_PROBLEMS,
    )
    create["parameters"] += [
        _header("Upload-Length", _NUMBER),
        _header("Upload-Metadata", {"type": "string"}),
    ]
    look = operation(
        "How much of a file is here", answers={200: _answer("Told")}, problems=_PROBLEMS
    )
    append = operation(
        "Send the next chunk",
        body={"content": {CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
        answers={204: _answer("The chunk is kept")},
        problems=(*_PROBLEMS, 409, 415, 460),
    )
    append["parameters"] += [
        _header("Upload-Offset", _NUMBER),
        _header("Upload-Checksum", {"type": "string"}, required=False),
    ]
    drop = operation(
        "Forget an unfinished upload",
        answers={204: {"description": "Forgotten"}},
        problems=_PROBLEMS,
    )
    one = {"head": look, "patch": append, "delete": drop}
    for asked in (create, *one.values()):
        asked["parameters"].append(_header(TUS_HEADER, {"type": "string", "enum": [TUS_VERSION]}))
    return {
        "/api/v1/files": {"operations": {"post": create}},
        "/api/v1/files/{sha256}": {"operations": one, "parameters": [_SHA256]},
    }


def _header(name: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "headers": _OFFSET}
