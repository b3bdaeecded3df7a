"""Frames as files of the kinds that departments send, byte for byte the same on every machine."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

_STILL = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001  a property of the workbook, without a time zone by its format


def write_csv(frame: pl.DataFrame, path: Path, *, encoding: str = "utf-8", separator: str = ",") -> None:
    """CSV with CR LF, as spreadsheets save it; `utf-8-sig` puts a byte order mark in front."""
    text = frame.write_csv(separator=separator, line_terminator="\r\n")
    path.write_bytes(text.encode(encoding))


def write_jsonl(frame: pl.DataFrame, path: Path) -> None:
    path.write_bytes(frame.write_ndjson().encode())


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="uncompressed", statistics=False)


def write_xlsx(
    frame: pl.DataFrame, path: Path, *, title: str, dates: tuple[str, ...] = (), numbers: tuple[str, ...] = ()
) -> None:
    """A workbook with a title above the headings; cells of `dates` and `numbers` are typed where they can be."""
    inside = io.BytesIO()
    with xlsxwriter.Workbook(
        inside, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": _STILL})
        sheet = book.add_worksheet("Sheet1")
        bold, day = book.add_format({"bold": True, "align": "center"}), book.add_format({"num_format": "yyyy/m/d"})
        sheet.merge_range(0, 0, 0, frame.width - 1, title, bold)
        sheet.write_row(1, 0, frame.columns, bold)
        for place, heading in enumerate(frame.columns):
            for row, cell in enumerate(frame[heading], start=2):
                if cell is None:
                    continue
                if heading in dates and (moment := _moment(cell)):
                    sheet.write_datetime(row, place, moment, day)
                elif heading in numbers and cell.replace(".", "", 1).isdigit():
                    sheet.write_number(row, place, float(cell))
                else:
                    sheet.write_string(row, place, cell)
    path.write_bytes(_stored(inside.getvalue()))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _stored(book: bytes) -> bytes:
    """The same archive without compression: what a compressor gives differs from machine to machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name))
    return out.getvalue()
