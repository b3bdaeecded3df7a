"""The files of an item in the open data: its public records in sets, as Parquet and as CSV (R-109, G-13)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from django.db import connection

from chengxin.engine.receipt import neutral
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.registry.packs import policies
from chengxin.registry.public import no_person, public_sql

FORMATS: Final = ("csv.gz", "parquet")

_PIECE = 50_000
_HEAD = ("record", "version", "subject_code", "subject_name", "source", "standing", "severity", "decided_on",
         "public_until", "recorded_at")  # fmt: skip
_ENDS = ("public_until", "retain_until")


@dataclass
class Written:
    """How many rows an item's files have, and the last day on which all of them may be shown (None: no end)."""

    rows: int = 0
    until: date | None = None


def write(item: Item, day: date, into: Path) -> Written:
    """Both files of an item in that folder, from what is public on `day`; none where nothing is."""
    fields = public_fields(item)
    schema = pa.schema(
        [(n, pa.string()) for n in (*_HEAD, *(f"field_{f.id}" if f.id in _HEAD else f.id for f in fields))]
    )
    done = Written()
    with (
        pa.parquet.ParquetWriter(into / f"{item.id}.parquet", schema, compression="zstd") as parquet,
        gzip.open(into / f"{item.id}.csv.gz", "wb", compresslevel=5) as packed,
        pa.csv.CSVWriter(packed, schema) as text,
    ):
        for piece in _pieces(item, day):
            table = _flat(piece.to_arrow(), fields, schema)
            parquet.write_table(table)
            text.write_table(_for_spreadsheets(table))
            done = Written(done.rows + table.num_rows, _earlier(done.until, piece))
    if not done.rows:
        remove(item.id, into)
    return done


def remove(item: str, folder: Path) -> None:
    """Take the files of an item away, where there are any."""
    for ending in FORMATS:
        (folder / f"{item}.{ending}").unlink(missing_ok=True)


def public_fields(item: Item) -> list[Field]:
    """The fields of a snapshot: those that every version of the item shows to everybody unmasked."""
    versions = policies().versions(item.id) or (item,)
    hidden = {f.id for v in versions for f in v.fields if f.disclosure != "public" or f.mask or not f.kept}
    return [f for f in item.kept_fields if f.id not in hidden]


def _pieces(item: Item, day: date) -> Iterator[pl.DataFrame]:
    """The public records of an item as they stand, so many at a time, by their numbers."""
    columns = (*_HEAD, "retain_until", "payload")
    shown, values = public_sql(day)
    sql = f"""SELECT CAST(r.id AS text), CAST(v.number AS text), u.code, u.name, r.source, r.standing, r.severity,
            CAST(r.decided_on AS text), CAST(r.public_until AS text), CAST(v.recorded_at AS text),
            CAST(r.retain_until AS text), v.payload
        FROM registry_record r JOIN registry_recordversion v ON v.id = r.change
        JOIN registry_subject u ON u.id = r.subject_id
        WHERE r.item = %s AND r.id > %s AND {shown} AND {no_person()} ORDER BY r.id LIMIT {_PIECE}"""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [item.id, after, *values])
            rows = cursor.fetchall()
        if not rows:
            return
        yield pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        after = int(rows[-1][0])


def _earlier(until: date | None, piece: pl.DataFrame) -> date | None:
    """The first of the days on which publicity or keeping ends."""
    ends = [str(end) for end in piece.select(pl.col(*_ENDS).min()).row(0) if end]
    return min((d for d in (until, *map(date.fromisoformat, ends)) if d), default=None)


def _flat(piece: pa.Table, fields: list[Field], schema: pa.Schema) -> pa.Table:
    """The payload cut into columns by DuckDB; what is a list is joined by 、."""
    cut = ", ".join(
        f"""CASE WHEN json_type(payload, '$.{f.id}') = 'ARRAY'
            THEN array_to_string(CAST(json_extract(payload, '$.{f.id}') AS VARCHAR[]), '、')
            ELSE json_extract_string(payload, '$.{f.id}') END"""
        for f in fields
    )
    head = ", ".join(_HEAD)
    with duckdb.connect() as con:
        con.register("piece", piece)
        table = con.sql(
            f"SELECT {head}{', ' + cut if cut else ''} FROM piece ORDER BY CAST(record AS BIGINT)"
        ).to_arrow_table()
    return table.rename_columns(schema.names).cast(schema)


def _for_spreadsheets(table: pa.Table) -> pa.Table:
    """The same without formulas; a program that wants every character takes the Parquet file."""
    return pl.DataFrame(table).select(neutral(pl.all())).to_arrow().cast(table.schema)
