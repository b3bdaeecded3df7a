"""Snapshots of what is public, one file an item, for everybody to take whole (open data; anchors.md 1.11, 2 "Portal").

Made by a worker or `chengxin open-data`, never on a request: piece by piece by sets, into a folder of its own that is put
in place when it is whole. A snapshot names the number of the change feed it was made at, so that a copy can be kept up
with `/api/v1/changes`. Fields that are masked for the public are left out; so are natural persons (G-13).
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.registry.models import RecordVersion
from chengxin.registry.packs import policies
from chengxin.registry.public import no_person, public_sql

_PIECE = 50_000
_HEAD = ("record", "version", "subject_code", "subject_name", "source", "standing", "severity", "decided_on",
         "public_until", "recorded_at")  # fmt: skip


def folder() -> Path:
    """Where the newest snapshot lies."""
    return Path(settings.HOME) / "open-data"


def newest() -> dict[str, Any] | None:
    """What the newest snapshot says of itself: day, change, items with rows and bytes; None when there is none."""
    try:
        found = json.loads((folder() / "snapshot.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def make(day: date) -> dict[str, Any]:
    """Write a snapshot of what is public on `day` and put it in the place of the one before."""
    draft = Path(settings.HOME) / "scratch" / f"open-data-{day}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    change = RecordVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0
    items = []
    for item in policies().items(day):
        if item.disclosure == "public":
            rows = _write(item, day, draft)
            if rows:
                sizes = {f.suffixes[0][1:]: f.stat().st_size for f in draft.glob(f"{item.id}.*")}
                items.append(
                    {"item": item.id, "label": item.label, "label_en": item.label_en, "rows": rows, "bytes": sizes}
                )
    told = {"day": day.isoformat(), "made_at": timezone.now().isoformat(), "change": change, "items": items}
    (draft / "snapshot.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    _put_in_place(draft)
    return told


def public_fields(item: Item) -> list[Field]:
    """The fields of a snapshot: those that every version of the item shows to everybody unmasked."""
    versions = policies().versions(item.id) or (item,)
    hidden = {f.id for v in versions for f in v.fields if f.disclosure != "public" or f.mask or not f.kept}
    return [f for f in item.kept_fields if f.id not in hidden]


def _put_in_place(draft: Path) -> None:
    old = folder().with_name("open-data-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder().exists():
        folder().rename(old)
    draft.rename(folder())
    shutil.rmtree(old, ignore_errors=True)


def _write(item: Item, day: date, into: Path) -> int:
    """Both files of an item; the number of rows."""
    fields = public_fields(item)
    schema = pa.schema(
        [(n, pa.string()) for n in (*_HEAD, *(f"field_{f.id}" if f.id in _HEAD else f.id for f in fields))]
    )
    count = 0
    with (
        pa.parquet.ParquetWriter(into / f"{item.id}.parquet", schema, compression="zstd") as parquet,
        gzip.open(into / f"{item.id}.csv.gz", "wb", compresslevel=5) as packed,
        pa.csv.CSVWriter(packed, schema) as text,
    ):
        for piece in _pieces(item, day):
            table = _flat(piece, fields, schema)
            parquet.write_table(table)
            text.write_table(table)
            count += table.num_rows
    if not count:
        for made in into.glob(f"{item.id}.*"):
            made.unlink()
    return count


def _pieces(item: Item, day: date) -> Iterator[pa.Table]:
    """The public records of an item as they stand, so many at a time, by their numbers."""
    columns = (*_HEAD, "payload")
    shown, values = public_sql(day)
    sql = f"""SELECT CAST(r.id AS text), CAST(v.number AS text), u.code, u.name, r.source, r.standing, r.severity,
            CAST(r.decided_on AS text), CAST(r.public_until AS text), CAST(v.recorded_at AS text), v.payload
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
        yield pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row").to_arrow()
        after = int(rows[-1][0])


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
