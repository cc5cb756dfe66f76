"""A signature file is a plain drawing: anything that runs, reaches out or is damaged is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.agreements.signature import MAX_BYTES, PNG, SVG, media_type_of
from fieldsync.errors import InputError
from tests.agreements.paper import SVG_DRAWING, png

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg">'
_PATH = '<path d="M0 0 L9 9"/>'
REFUSED = {
    "empty file": b"",
    "plain text": b"signed, me",
    "another encoding": "签名".encode("utf-16"),
    "cut off": SVG_DRAWING[:-6],
    "no namespace": b"<svg><path d='M0 0'/></svg>",
    "no stroke": f"{_HEAD}<g/></svg>".encode(),
    "script": f"{_HEAD}{_PATH}<script>alert(1)</script></svg>".encode(),
    "picture from outside": f'{_HEAD}{_PATH}<image href="http://x.example/a.png"/></svg>'.encode(),
    "link": f'{_HEAD}<a href="x">{_PATH}</a></svg>'.encode(),
    "handler": f'{_HEAD}<path d="M0 0" onload="x()"/></svg>'.encode(),
    "paint from outside": f'{_HEAD}<path d="M0 0" fill="url(http://x.example/#a)"/></svg>'.encode(),
    "style sheet": f"{_HEAD}{_PATH}<style>@import 'x';</style></svg>".encode(),
    "text in a system font": f"{_HEAD}{_PATH}<text>Wang</text></svg>".encode(),
    "embedded page": f"{_HEAD}{_PATH}<foreignObject/></svg>".encode(),
    "entity": f'<!DOCTYPE svg [<!ENTITY a "b">]>{_HEAD}{_PATH}</svg>'.encode(),
    "instruction": f'<?xml-stylesheet href="http://x.example/a.css"?>{_HEAD}{_PATH}</svg>'.encode(),
    "another encoding named": f'<?xml version="1.0" encoding="utf-7"?>{_HEAD}{_PATH}</svg>'.encode(),
    "escaped paint": f'{_HEAD}<path d="M0 0" style="fill:u\\72l(http://x)"/></svg>'.encode(),
    "too large": SVG_DRAWING + b" " * MAX_BYTES,
    "png cut off": png()[:-5],
    "png with a changed byte": png()[:45] + b"\xff" + png()[46:],
    "png with a tail": png() + b"more",
    "png of a wall": png(4001, 1),
    "png head only": png()[:8],
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused(name: str) -> None:
    """Each kind of wrong file has one code and a sentence."""
    with pytest.raises(InputError) as caught:
        media_type_of(REFUSED[name])
    assert caught.value.code == "422.47"


def test_plain_drawings_are_taken() -> None:
    """An SVG of strokes, with or without a byte order mark, and a PNG."""
    assert media_type_of(SVG_DRAWING) == SVG
    assert media_type_of(b"\xef\xbb\xbf" + SVG_DRAWING) == SVG
    assert media_type_of(png()) == PNG


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_judged_without_a_crash(noise: bytes, as_png: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Whatever the file holds, the answer is a media type or the documented error."""
    content = png()[:8] + noise if as_png else noise
    code = ""
    try:
        media_type_of(content)
    except InputError as error:
        code = error.code
    assert code in {"", "422.47"}
