"""Writes one table in every form that is read."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import xlwt

Rows = Sequence[Sequence[str]]

_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    "<office:body><office:spreadsheet>%s</office:spreadsheet></office:body></office:document-content>"
)
_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
_BLANK_BELOW = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'


def csv_of(rows: Rows, encoding: str = "utf-8", **dialect: object) -> bytes:
    text = io.StringIO()
    csv.writer(text, **dialect).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Rows, **sheets: Rows) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        for name, lines in {"表": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    sheet.write_string(number, column, cell)
    return packed.getvalue()


def xls_of(rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(number, column, cell)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def ods_of(rows: Rows) -> bytes:
    def cell(text: str) -> str:
        paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
        return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, cells))}</table:table-row>" for cells in rows)
    return ods_with(f"<table:table table:name={quoteattr('表')}>{lines}{_BLANK_BELOW}</table:table>")


def ods_with(tables: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", _ODS % tables)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
    return packed.getvalue()


def html_of(rows: Rows, encoding: str = "utf-8") -> bytes:
    lines = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>" for cells in rows)
    page = f"<html><head><style>td {{ color: red }}</style></head><body><table border=1>{lines}</table></body></html>"
    return page.encode(encoding)


def xml_of(rows: Rows) -> bytes:
    def cell(text: str) -> str:
        return f'<Cell><Data ss:Type="String">{escape(text)}</Data></Cell>'

    lines = "".join(f"<Row>{''.join(map(cell, cells))}</Row>" for cells in rows)
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="表"><Table>{lines}</Table></Worksheet></Workbook>'
    ).encode()


def lines_of(rows: Rows, encoding: str = "utf-8") -> bytes:
    header, *below = rows
    said = (json.dumps(dict(zip(header, cells, strict=False)), ensure_ascii=False) for cells in below)
    return "".join(f"{line}\n" for line in said).encode(encoding)


def array_of(rows: Rows) -> bytes:
    header, *below = rows
    return json.dumps([dict(zip(header, cells, strict=False)) for cells in below], ensure_ascii=False).encode()


FORMS: dict[str, Callable[[Rows], bytes]] = {
    "CSV": csv_of,
    "CSV, GB18030": lambda rows: csv_of(rows, "gb18030"),
    "CSV, UTF-16": lambda rows: csv_of(rows, "utf-16"),
    "tabs": lambda rows: csv_of(rows, delimiter="\t"),
    "semicolons, all quoted": lambda rows: csv_of(rows, delimiter=";", quoting=csv.QUOTE_ALL),
    "XLSX": xlsx_of,
    "XLS": xls_of,
    "ODS": ods_of,
    "web page": html_of,
    "web page, GB18030": lambda rows: html_of(rows, "gb18030"),
    "XML of Excel 2003": xml_of,
    "JSON lines": lines_of,
    "JSON array": array_of,
}
