"""Files that carry a signature: what comes from outside is checked, pictures are drawn anew.

Plain Python on bytes: nothing here knows the database.
"""

import base64
import binascii
import io

from PIL import Image

MAX_IMAGE_BYTES = 1_000_000
MAX_IMAGE_PIXELS = 8_000_000
MAX_SCAN_BYTES = 10_000_000
PRINTED_SIZE = (900, 300)
MIN_INK_PIXELS = 30
SCAN_TYPES = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


def clean_image(data):
    """A drawn signature as a small picture of its own, black on white.

    :param data: base64 of a PNG or JPEG, text or bytes
    :return: bytes, base64 of a PNG
    :raise ValueError: ``"file"`` no such picture, ``"size"`` too large, ``"empty"`` nothing drawn

    >>> clean_image(b"")
    Traceback (most recent call last):
    ValueError: empty
    >>> clean_image(base64.b64encode(b"<svg onload='alert(1)'/>"))
    Traceback (most recent call last):
    ValueError: file
    """
    raw = _decode(data, MAX_IMAGE_BYTES)
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as source:
            if source.width * source.height > MAX_IMAGE_PIXELS:
                raise ValueError("size")
            picture = source.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError("file") from None
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    drawing = paper.convert("L")
    drawing.thumbnail(PRINTED_SIZE)
    if sum(drawing.histogram()[:160]) < MIN_INK_PIXELS:
        raise ValueError("empty")
    target = io.BytesIO()
    drawing.save(target, "PNG", optimize=True)
    return base64.b64encode(target.getvalue())


def scan_type(data):
    """What a scanned paper is, by its first bytes.

    :param data: base64, text or bytes
    :return: file extension: ``pdf``, ``png`` or ``jpg``
    :raise ValueError: as of :func:`clean_image`

    >>> scan_type(base64.b64encode(b"%PDF-1.4 ..."))
    'pdf'
    >>> scan_type(base64.b64encode(b"<html>"))
    Traceback (most recent call last):
    ValueError: file
    """
    raw = _decode(data, MAX_SCAN_BYTES)
    for start, extension in SCAN_TYPES.items():
        if raw.startswith(start):
            return extension
    raise ValueError("file")


def _decode(data, limit):
    if not data:
        raise ValueError("empty")
    if len(data) > limit * 4 // 3 + 4:
        raise ValueError("size")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise ValueError("file") from None
