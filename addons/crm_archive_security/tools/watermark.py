"""Marks every page of a PDF with who took it, when and on what request."""

import io

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

# every reader of PDF knows it, no font file is needed for Chinese names
FONT = "STSong-Light"
A4 = (595, 842)
SIZE = 11
SIGNS = 45  # of Chinese in a line
LINES = 42


def stamp(pdf, text):
    """Write a text across every page and at its foot.

    :param bytes pdf: the document
    :param str text: who, when, which request
    :return: bytes of the marked document
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    writer = PdfFileWriter()
    for number in range(reader.getNumPages()):
        page = reader.getPage(number)
        box = page.mediaBox
        mark = _make_mark(float(box.getWidth()), float(box.getHeight()), text)
        page.mergePage(mark)
        writer.addPage(page)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _make_mark(width, height, text):
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=(width, height))
    page.setFillGray(0.35, alpha=0.28)
    page.setFont(FONT, max(10, min(18, width / (len(text) + 1) * 1.1)))
    for part in (0.25, 0.5, 0.75):
        page.saveState()
        page.translate(width / 2, height * part)
        page.rotate(30)
        page.drawCentredString(0, 0, text)
        page.restoreState()
    page.setFillGray(0, alpha=0.8)
    page.setFont(FONT, 8)
    page.drawCentredString(width / 2, 12, text)
    page.save()
    return PdfFileReader(io.BytesIO(target.getvalue())).getPage(0)


def from_image(image):
    """A page with the picture on it.

    :param bytes image: the picture
    :return: bytes of a PDF
    """
    picture = Image.open(io.BytesIO(image)).convert("RGB")
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=A4)
    width, height = picture.size
    scale = min((A4[0] - 60) / width, (A4[1] - 60) / height)
    place = ((A4[0] - width * scale) / 2, (A4[1] - height * scale) / 2)
    page.drawImage(ImageReader(picture), *place, width * scale, height * scale)
    page.save()
    return target.getvalue()


def from_text(title, text):
    """Pages with a text on them.

    :return: bytes of a PDF
    """
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=A4)
    lines = [title, ""] + [part for line in text.splitlines() for part in _fold(line)]
    for start in range(0, len(lines), LINES):
        page.setFont(FONT, SIZE)
        for number, line in enumerate(lines[start : start + LINES]):
            page.drawString(50, A4[1] - 60 - number * SIZE * 1.6, line)
        page.showPage()
    page.save()
    return target.getvalue()


def _fold(line):
    """Cut a line where it would leave the page.

    >>> _fold("客" * 60) == ["客" * 45, "客" * 15]
    True
    >>> _fold("")
    ['']
    """
    parts, width, part = [], 0, ""
    for sign in line:
        step = 1 if ord(sign) > 0xFF else 0.5
        if width + step > SIGNS:
            parts.append(part)
            width, part = 0, ""
        part += sign
        width += step
    return [*parts, part]
