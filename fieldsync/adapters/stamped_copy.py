"""A copy of a photo with time and case drawn on it, and nothing of what the camera wrote beside it."""

import io
import warnings

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

COPY_TYPE = "image/jpeg"
_LONGEST_PX = 2048
_STRIP_SHARE = 24
_LEAST_STRIP_PX = 18
_QUALITY = 85


def stamped_copy(photo: bytes, stamp: str) -> bytes | None:
    """A JPEG of the photo with the stamp (ASCII) below it; None where the picture cannot be read.

    EXIF, GPS and every other note of the camera stay behind: only the pixels are taken over.
    """
    try:
        with warnings.catch_warnings():
            # A picture that unpacks to more than a tablet holds is no photo of a visit.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(photo)) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX))
    return _saved(_with_strip(picture, stamp))


def _with_strip(picture: Image.Image, stamp: str) -> Image.Image:
    """The stamp stands under the picture, so that it hides nothing of it."""
    strip = max(_LEAST_STRIP_PX, max(picture.size) // _STRIP_SHARE)
    font = ImageFont.load_default(strip * 0.6)
    length = int(font.getlength(stamp)) + strip
    whole = Image.new("RGB", (max(picture.width, length), picture.height + strip), "white")
    whole.paste(picture, (0, 0))
    at = (strip // 2, picture.height + strip // 6)
    ImageDraw.Draw(whole).text(at, stamp, fill="black", font=font)
    return whole


def _saved(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
