"""Photographs drawn anew: of the file that was sent only its pixels are kept, not where or by whom it was taken."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.cities.requests import DocumentPolicy
from accounts.documents.rules import JPEG, PNG, TooManyPixels, Unreadable

_FORMATS = {JPEG: "JPEG", PNG: "PNG"}
_QUALITY = 88


def drawn_anew(content: bytes, kind: str, policy: DocumentPolicy) -> tuple[bytes, str]:
    """The picture as JPEG (PNG stays PNG), upright, at most ``policy.longest_side`` long, and its media type.

    Its size is read before it is unfolded. Raises :class:`TooManyPixels` and :class:`Unreadable`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _drawn(content, kind, policy)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels("too many pixels", most=policy.most_pixels) from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise Unreadable("it cannot be read as a picture") from error


def _drawn(content: bytes, kind: str, policy: DocumentPolicy) -> tuple[bytes, str]:
    with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as picture:
        if picture.width * picture.height > policy.most_pixels:
            raise TooManyPixels(f"{picture.width} x {picture.height}", most=policy.most_pixels)
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((policy.longest_side, policy.longest_side))
        made = PNG if kind == PNG else JPEG
        plain = Image.new("RGBA" if made == PNG and "A" in upright.getbands() else "RGB", upright.size)
        plain.paste(upright.convert(plain.mode))
    out = BytesIO()
    if made == PNG:
        plain.save(out, "PNG", optimize=True)
    else:
        plain.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue(), made
