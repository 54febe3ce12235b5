"""Spreadsheets of statistical reports, written row by row."""

import io
import re
from datetime import date, datetime

import xlsxwriter

from .statistics_table import totals

FORMATS = {
    "integer": "#,##0",
    "number": "General",
    "float": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
WIDTH = 14
LIMIT = 32767


def workbook(title, head, tables, words):
    """A workbook with one sheet a table.

    Text is written as text whatever it begins with: no cell starts a formula, a link or a number.
    Memory stays the same whatever the number of rows.

    :param str title: first line of each sheet
    :param head: pairs of caption and text above the table
    :param tables: see ``statistics_table.py``, with ``corrected``
    :param dict words: ``total`` and ``corrected``, translated
    :return: bytes
    """
    output = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(output, options)
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    formats["bold"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    names = set()
    for item in tables:
        sheet = book.add_worksheet(sheet_name(item["caption"], names))
        _write_sheet(sheet, formats, title, head, item, words)
    book.close()
    return output.getvalue()


def sheet_name(caption, names):
    """A name that a sheet can have and no other sheet of the book has.

    >>> sheet_name("回访/汇总: [一周]", set())
    '回访 汇总   一周'
    >>> sheet_name("A" * 40, {"a" * 31})
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAA 2'
    """
    base = re.sub(r"[\[\]:*?/\\]", " ", caption).strip().strip("'") or "1"
    name, number = base[:31], 1
    while name.lower() in names:
        number += 1
        name = f"{base[:28]} {number}"
    names.add(name.lower())
    return name


def _write_sheet(sheet, formats, title, head, item, words):
    columns = item["columns"]
    for index, col in enumerate(columns):
        sheet.set_column(index, index, WIDTH * col["width"])
    sheet.write_string(0, 0, title, formats["bold"])
    line = 1
    for caption, text in head:
        sheet.write_string(line, 0, caption, formats["bold"])
        sheet.write_string(line, 1, text)
        line += 1
    line += 1
    for index, col in enumerate(columns):
        sheet.write_string(line, index, col["caption"], formats["bold"])
    corrected = set(map(tuple, item.get("corrected", ())))
    for number, row in enumerate(item["rows"]):
        line += 1
        for index, (value, col) in enumerate(zip(row, columns, strict=True)):
            _write_cell(sheet, line, index, value, col["type"], formats)
        if any(row_number == number for row_number, _column in corrected):
            sheet.write_string(line, len(columns), words["corrected"], formats["bold"])
    if sums := totals(item):
        line += 1
        for index, (value, col) in enumerate(zip(sums, columns, strict=True)):
            _write_cell(sheet, line, index, value, col["type"], formats)
        if not columns[0]["total"]:
            sheet.write_string(line, 0, words["total"], formats["bold"])
    if note := item.get("note"):
        sheet.write_string(line + 2, 0, note)


def _write_cell(sheet, line, index, value, kind, formats):
    if value is None or value == "":
        return
    if kind == "percent":
        sheet.write_number(line, index, value / 100.0, formats[kind])
    elif kind in ("integer", "number", "float"):
        sheet.write_number(line, index, value, formats[kind])
    elif kind == "date":
        sheet.write_datetime(line, index, date.fromisoformat(value), formats[kind])
    elif kind == "datetime":
        sheet.write_datetime(line, index, datetime.fromisoformat(value), formats[kind])
    else:
        sheet.write_string(line, index, str(value)[:LIMIT], formats["text"])
