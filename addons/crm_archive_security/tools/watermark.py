"""Marks every page of a PDF with who took it, when and on what request."""

import io

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

A4 = (595, 842)


def stamp(pdf, mark):
    """Lay a page over every page of a document, whatever their sizes.

    :param bytes pdf: the document
    :param bytes mark: a PDF of one page, with who, when and which request on it
    :return: bytes of the marked document
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    writer = PdfFileWriter()
    for number in range(reader.getNumPages()):
        page = reader.getPage(number)
        over = PdfFileReader(io.BytesIO(mark)).getPage(0)
        sizes = [
            (float(p.mediaBox.getWidth()), float(p.mediaBox.getHeight())) for p in (page, over)
        ]
        (width, height), (mark_width, mark_height) = sizes
        scale = min(width / mark_width, height / mark_height)
        x = float(page.mediaBox.getLowerLeft_x()) + (width - mark_width * scale) / 2
        y = float(page.mediaBox.getLowerLeft_y()) + (height - mark_height * scale) / 2
        page.mergeScaledTranslatedPage(over, scale, x, y)
        writer.addPage(page)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _get_size(page):
    return float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())


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
