"""Judges a drawn signature's file: a plain SVG drawing or a whole PNG, nothing that runs or reaches out."""

import re
import struct
import zlib
from xml.etree import ElementTree as ET

from fieldsync.errors import InputError
from fieldsync.words import Words, words

SVG = "image/svg+xml"
PNG = "image/png"
MAX_BYTES = 512 * 1024
MAX_PIXELS_A_SIDE = 4000
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
_DRAWING = frozenset({"path", "polyline", "polygon", "line", "circle", "ellipse", "rect"})
_PLAIN = _DRAWING | {"svg", "g", "title", "desc", "defs"}
_ENCODING = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_CODE = "422.47"
_HINT = words("Nothing was recorded. Have the signature drawn again and save it as SVG or PNG.")


def media_type_of(content: bytes) -> str:
    """`image/svg+xml` or `image/png` once the file is found usable; InputError 422.47 says why not."""
    if not content:
        raise unusable(words("The signature file is empty."))
    if len(content) > MAX_BYTES:
        raise unusable(
            words("The signature file is larger than {most} KiB.", most=MAX_BYTES // 1024)
        )
    if content.startswith(_PNG_MAGIC):
        _check_png(content)
        return PNG
    _check_svg(content)
    return SVG


def _check_svg(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unusable(words("The signature is neither an SVG nor a PNG file.")) from error
    _check_writing(text)
    try:
        root = ET.fromstring(text)  # noqa: S314 - no document type, no entities: see `_check_writing`
    except ET.ParseError as error:
        raise unusable(words("The signature is neither an SVG nor a PNG file.")) from error
    if root.tag != f"{_SVG_NAMESPACE}svg":
        raise unusable(words("The signature's file is not an SVG drawing."))
    elements = list(root.iter())
    for element in elements:
        _check_element(element)
    if not any(element.tag.removeprefix(_SVG_NAMESPACE) in _DRAWING for element in elements):
        raise unusable(words("The signature's drawing is empty."))


def _check_writing(text: str) -> None:
    """What would make another program read other letters than we do, fetch, or blow up."""
    # Another program would read the file in the encoding it names, and find other letters than we did.
    named = _ENCODING.match(text)
    if named and named[1].lower() not in {"utf-8", "us-ascii"}:
        raise unusable(words("The signature's SVG is not written in UTF-8."))
    # Instructions such as xml-stylesheet would fetch when a person opens the file in a browser.
    if "<?" in text.lstrip().removeprefix("<?xml "):
        raise unusable(words("The signature's SVG holds processing instructions."))
    # Document types and entities are refused before parsing: they can reach out or blow up.
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise unusable(words("The signature's SVG declares a document type."))


def _check_element(element: ET.Element) -> None:
    name = str(element.tag).removeprefix(_SVG_NAMESPACE)
    if name not in _PLAIN:
        raise unusable(words("The signature's SVG holds more than strokes: {name}.", name=name))
    for attribute, value in element.attrib.items():
        plain = attribute.rpartition("}")[2].lower()
        if plain.startswith("on") or plain == "href" or "url(" in value.lower() or "\\" in value:
            raise unusable(
                words("The signature's SVG holds more than strokes: {name}.", name=plain)
            )


def _check_png(content: bytes) -> None:
    """Walk the chunks: each whole with its checksum, a sane size first, an end last."""
    position, names = len(_PNG_MAGIC), []
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        end = position + 12 + length
        body = content[position + 4 : end - 4]
        if end > len(content) or zlib.crc32(body) != struct.unpack_from(">I", content, end - 4)[0]:
            break
        names.append(body[:4])
        if len(names) == 1:
            _check_png_head(body)
        position = end
    whole = position == len(content) and bool(names) and names[-1] == b"IEND" and b"IDAT" in names
    if not whole:
        raise unusable(words("The signature's PNG file is damaged or cut off."))


def _check_png_head(body: bytes) -> None:
    if not body.startswith(b"IHDR") or len(body) != 17:  # noqa: PLR2004 - name and 13 bytes, PNG 11.2.2
        raise unusable(words("The signature's PNG file is damaged or cut off."))
    width, height = struct.unpack_from(">II", body, 4)
    if not (0 < width <= MAX_PIXELS_A_SIDE and 0 < height <= MAX_PIXELS_A_SIDE):
        raise unusable(
            words("The signature's picture is over {most} pixels a side.", most=MAX_PIXELS_A_SIDE)
        )


def unusable(message: Words) -> InputError:
    """The error for a drawn signature that cannot stand on the document; says why."""
    return InputError(_CODE, message, _HINT)
