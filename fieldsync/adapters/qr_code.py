"""Draws a text as a QR code, as SVG for pages and documents."""

import io


def svg_of(text: str) -> bytes:
    """The code, dark on transparent, four modules of quiet around it; error correction M."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue()
