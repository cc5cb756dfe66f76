"""Tells by a file's first bytes what it is: the photos, recordings and documents that records may name."""

# What stands at the beginning, and the media type it means (RFC 6838 registry).
_Kinds = tuple[tuple[bytes, str], ...]
_BEGINNINGS: _Kinds = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"#!AMR", "audio/AMR"),
)
# The brand of an ISO container (ISO/IEC 14496-12) stands after its first eight bytes.
_BRANDS: _Kinds = (
    (b"M4A", "audio/mp4"),
    (b"hei", "image/heic"),
    (b"mif1", "image/heif"),
    (b"avif", "image/avif"),
    (b"3g", "video/3gpp"),
    (b"mp4", "video/mp4"),
    (b"iso", "video/mp4"),
    (b"qt", "video/quicktime"),
)
_RIFF: _Kinds = ((b"WAVE", "audio/wav"), (b"WEBP", "image/webp"))


def media_type_of(head: bytes) -> str | None:
    """The media type of a file that begins so (16 bytes are enough); None for any other kind."""
    kinds = _BEGINNINGS
    if head[4:8] == b"ftyp":
        kinds, head = _BRANDS, head[8:]
    elif head[:4] == b"RIFF":
        kinds, head = _RIFF, head[8:]
    return next((name for begins, name in kinds if head.startswith(begins)), None)
