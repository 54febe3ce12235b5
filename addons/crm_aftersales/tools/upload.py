"""Files that customers send: what they are is told by their content, never by their name.

Plain Python on bytes: nothing here knows the database.
"""

import io
import os
import re

from PIL import Image

MAX_FILES = 6
MAX_BYTES = 10_000_000
# as the core, which makes the thumbnails
MAX_PIXELS = 50_000_000
# MPO: a JPEG with a second picture behind it, as phones with several lenses take them
PICTURES = {
    "JPEG": ("jpg", "image/jpeg"),
    "MPO": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
}
MAX_NAME = 80
PICTURE_TYPES = tuple(kind for _extension, kind in PICTURES.values())


def check_file(name, data):
    """A photo or PDF under a name that fits it.

    :param str name: as the sender's device calls it
    :param bytes data: the content
    :return: tuple of name and MIME type
    :raise ValueError: ``"size"`` too large, ``"file"`` neither photo nor PDF

    >>> check_file("../报告.exe", b"%PDF-1.4 ...")
    ('报告.pdf', 'application/pdf')
    >>> check_file("photo.jpg", b"<script>alert(1)</script>")
    Traceback (most recent call last):
    ValueError: file
    >>> check_file("photo.jpg", b"x" * (MAX_BYTES + 1))
    Traceback (most recent call last):
    ValueError: size
    """
    if len(data) > MAX_BYTES:
        raise ValueError("size")
    extension, kind = ("pdf", "application/pdf") if data[:5] == b"%PDF-" else _picture(data)
    return f"{_clean_name(name)}.{extension}", kind


def _picture(data):
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError("size")
            kind = picture.format
            picture.verify()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError("file") from None
    return PICTURES[kind]


def _clean_name(name):
    stem = os.path.splitext(re.split(r"[\\/]", name or "")[-1])[0]
    stem = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "", stem).strip(" .")
    return stem[:MAX_NAME] or "photo"
