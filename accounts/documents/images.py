"""Photographs drawn anew: of the file that was sent only its pixels are kept, not where or by whom it was taken.

What telephones call HEIC is read by libheif (``pi-heif``, which only reads) and kept as JPEG, which all can open.
"""

from __future__ import annotations

import warnings
from io import BytesIO

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.cities.requests import DocumentPolicy
from accounts.documents.rules import HEIC, JPEG, PNG, TooManyPixels, Unreadable

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
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
            raise Unreadable("it cannot be read as a picture") from error


def _drawn(content: bytes, kind: str, policy: DocumentPolicy) -> tuple[bytes, str]:
    with _opened(content, kind, policy) as picture:
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


def _opened(content: bytes, kind: str, policy: DocumentPolicy) -> Image.Image:
    """The picture, not unfolded yet, but for a telephone's: its size is asked for before as well."""
    if kind == HEIC:
        found = pi_heif.open_heif(BytesIO(content), convert_hdr_to_8bit=True)
        _check_pixels(found.size, policy)
        unfolded: Image.Image = found.to_pillow()
        return unfolded
    picture = Image.open(BytesIO(content), formats=[_FORMATS[kind]])
    _check_pixels(picture.size, policy)
    return picture


def _check_pixels(size: tuple[int, int], policy: DocumentPolicy) -> None:
    if size[0] * size[1] > policy.most_pixels:
        raise TooManyPixels(f"{size[0]} x {size[1]}", most=policy.most_pixels)
