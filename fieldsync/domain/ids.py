"""Ids made on the device and stored before they are sent: UUID version 7 (RFC 9562, section 5.7)."""

_RANDOM_BYTES = 10
# The text form of a UUIDv7, for whoever checks ids that others made.
UUID7_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def new_id(unix_ms: int, randomness: bytes) -> str:
    """The UUIDv7 for a wall-clock time in milliseconds and ten random bytes, as lower-case text.

    Ids order roughly by time, which is kind to indexes; they are never a cursor nor a proof of order.
    """
    if len(randomness) != _RANDOM_BYTES:
        raise ValueError(f"ten random bytes are needed, {len(randomness)} came")
    value = (unix_ms & ((1 << 48) - 1)) << 80
    value |= int.from_bytes(randomness, "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    value |= (0x7 << 76) | (0x2 << 62)
    # Written out here: the module uuid asks the platform who it is, and an officer waits for that.
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def unix_ms_of(id_text: str) -> int:
    """The wall-clock time in milliseconds at which a UUIDv7 was made, as its maker saw it."""
    return int(id_text.replace("-", "")[:12], 16)
