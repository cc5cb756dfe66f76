"""Renders an agreement's document as a PDF, made as PDF/A-2b, with typst and an embedded Chinese font."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

from fieldsync.adapters.qr_code import svg_of
from fieldsync.agreements.signature import PNG, media_type_of, unusable
from fieldsync.errors import InputError
from fieldsync.words import words

_TEMPLATES = Path(__file__).parent / "templates"
# PDF/A makes typst refuse a character it cannot draw; outside it the character would be dropped.
_MISSING = re.compile(r"text `(?P<text>.+?)` could not be displayed", re.DOTALL)
# What a screen reader goes by takes as much room as the document; a table of years must still fit a
# message. Whoever cannot see such a plan has it read out before signing.
_MOST_TAGGED_ROWS = 36
_CANNOT_DRAW = words("The signature's picture cannot be drawn.")


def render_agreement(
    data: Mapping[str, Any],
    signature: bytes | None,
    media_type: str,
    signed_at: datetime,
    template: str | None = None,
) -> bytes:
    """The PDF of `document_data`, the same bytes for the same input on every machine.

    `signature` is drawn above the borrower's name; None leaves an empty line (the draft that is
    read before signing). `media_type` must be what the file is. `template` is the bank's own, with
    every field of `template_fields`. InputError 422.47 where the signature cannot be drawn, 422.48
    where a character has no glyph, 422.614 where the bank's template cannot be set.
    """
    drawing = _drawing(signature, media_type)
    inputs = {"data": json.dumps(data, ensure_ascii=False), **drawing, **_qr(data)}
    try:
        if drawing and _picture(drawing) == _picture({}):
            raise unusable(words("The signature's picture shows nothing."))
        text = shipped("agreement.typ") if template is None else template.encode()
        pdf = _compiler(text).compile(
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-2b"],
            pdf_tags=len(data["schedule"]) <= _MOST_TAGGED_ROWS,
            timestamp=_fixed(signed_at),
        )
    except typst.TypstError as error:
        raise _explained(error, is_own=template is not None) from error
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned pages instead of a document")
    return pdf


def render_statement(data: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of `statement_data`; InputError 422.48 where a character has no glyph."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        pdf = _compiler(shipped("statement.typ")).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=_fixed(at)
        )
    except typst.TypstError as error:
        raise _explained(error, is_own=False) from error
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned pages instead of a document")
    return pdf


def _qr(data: Mapping[str, Any]) -> dict[str, str]:
    """The address of the verification page as a QR code, where the document carries a code."""
    rows = data["verification"]
    return {"qr": svg_of(rows[1][1]["main"]).decode("utf-8")} if rows else {}


def _picture(drawing: Mapping[str, str]) -> object:
    """The signature as pixels: the same as an empty page's where nobody would see it."""
    return _compiler(shipped("signature_ink.typ")).compile(
        format="png", ppi=144, sys_inputs=dict(drawing)
    )


def shipped(name: str) -> bytes:
    """A template that ships."""
    return (_TEMPLATES / name).read_bytes()


def _compiler(text: bytes) -> typst.Compiler:
    """A compiler over a template's text; one per document, since it forgets text it has compiled."""
    return typst.Compiler(text, font_paths=_fonts(), ignore_system_fonts=True, root=_TEMPLATES)


@cache
def _fonts() -> typst.Fonts:
    """The one font of every document, read once a process."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent]
    )


def _drawing(signature: bytes | None, media_type: str) -> dict[str, str]:
    """The signature as a list of byte values: inputs are text, and nothing is put on the disk."""
    if signature is None:
        return {}
    if media_type_of(signature) != media_type:
        raise unusable(_CANNOT_DRAW)
    kind = "png" if media_type == PNG else "svg"
    return {"signature": json.dumps(list(signature)), "signature_format": kind}


def _fixed(signed_at: datetime) -> int:
    return int(signed_at.timestamp())


def _explained(error: typst.TypstError, *, is_own: bool) -> InputError:
    found = _MISSING.search(error.message)
    if found:
        return InputError(
            "422.48",
            words("The character {character} cannot be printed.", character=found["text"]),
            words(
                "Nothing was recorded. Ask the office to correct the name or address, then sync."
            ),
        )
    if "image" in error.message.lower() or "svg" in error.message.lower():
        return unusable(_CANNOT_DRAW)
    if is_own:
        told = error.message.splitlines()[0]
        return InputError(
            "422.614",
            words("The bank's template of the agreement cannot be set: {error}.", error=told),
            words("Nothing was recorded. The office corrects the template, then sync."),
        )
    raise error
