"""What conditions ask about, as tables of one DuckDB session: subjects, their grades, their listings, their records.

Only what a set of conditions needs is read, and only columns of the payload that some expression names. Records count
when they are active, undisputed and beyond doubt (R-250), of the versions that stand now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import polars as pl
from django.db import connection

from chengxin.engine.session import open_session
from chengxin.policy.catalogue import Item
from chengxin.policy.conditions import HEAD_COLUMNS, SUBJECT_COLUMNS
from chengxin.policy.evaluation_compile import TYPES
from chengxin.policy.policies import Policies
from chengxin.registry.sql import false
from chengxin.standards.sql import macro_statements
from chengxin.supervision.grades import Grade, current_grades

_DATES = ("decided_on", "expires_on", "public_until", "repair_from", "retain_until")
_PIECE = 50_000
_AT_ONCE = 500
"""So many ids in one IN list; more are asked for in several statements."""


@dataclass
class Needs:
    """What has to be read: items with the payload fields in use, models; `listed` when lists are asked about."""

    items: dict[str, set[str]] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    lists: bool = False

    def item(self, id: str, fields: Iterable[str] = ()) -> None:
        self.items.setdefault(id, set()).update(fields)


@contextmanager
def opened(
    needs: Needs, packs: Policies, day: date, *, kinds: Sequence[str], only: Sequence[int] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session with `subjects` (of these kinds; `only` these ids), `grades`, `listed` and one `item_<id>` an item."""
    with open_session(macro_statements(packs.calendar)) as con:
        _subjects(con, day, kinds, only)
        _grades(con, needs, only)
        _listed(con, needs, day, only)
        for id, fields in sorted(needs.items.items()):
            _records(con, newest(packs, id), fields, day, only)
        yield con


def newest(packs: Policies, id: str) -> Item:
    """The newest version of an item: its fields are a superset in use. Raises `UnknownPolicy`."""
    versions = packs.versions(id)
    return versions[-1] if versions else packs.item(id, date.max)


def table_of(item: str) -> str:
    """The name of an item's table."""
    return "item_" + item.replace("-", "_")


def _subjects(con: duckdb.DuckDBPyConnection, day: date, kinds: Sequence[str], only: Sequence[int] | None) -> None:
    columns = {
        "id": pl.Int64, "code": pl.String, "name": pl.String, "kind": pl.String, "region": pl.String,
        "industry": pl.String, "status": pl.String, "registered_on": pl.String,
    }  # fmt: skip
    marks = ", ".join(["%s"] * len(kinds))
    rows = read(
        "SELECT s.id, s.code, s.name, s.kind, s.region, s.industry, s.status, CAST(s.registered_on AS text)"
        f" FROM registry_subject s WHERE s.kind IN ({marks})",
        columns, list(kinds), "s.id", only,
    )  # fmt: skip
    con.register("raw", rows.to_arrow())
    given = ", ".join(f"nullif({c}, '') AS {c}" for c in SUBJECT_COLUMNS if c not in ("code", "kind", "registered_on"))
    con.execute(
        f"CREATE TABLE subjects AS SELECT id, code, name, kind, {given}, CAST(registered_on AS DATE) AS registered_on,"
        f" DATE '{day}' AS today FROM raw"
    )
    con.unregister("raw")


def _grades(con: duckdb.DuckDBPyConnection, needs: Needs, only: Sequence[int] | None) -> None:
    rows = list(current_grades(only, sorted(needs.models)))
    schema = {"subject_id": pl.Int64, "model": pl.String, "grade": pl.String, "rank": pl.Int64, "since": pl.Date}
    con.register("raw", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    con.execute(f"CREATE TABLE grades AS SELECT {', '.join(Grade._fields)} FROM raw")
    con.unregister("raw")


def _listed(con: duckdb.DuckDBPyConnection, needs: Needs, day: date, only: Sequence[int] | None) -> None:
    columns = {
        "id": pl.Int64, "subject_id": pl.Int64, "list": pl.String, "state": pl.String, "listed_on": pl.String,
        "expires_on": pl.String, "proposed_on": pl.String,
    }  # fmt: skip
    rows = read(
        "SELECT l.id, l.subject_id, l.list, l.state, CAST(l.listed_on AS text), CAST(l.expires_on AS text),"
        " CAST(l.proposed_on AS text) FROM supervision_listing l WHERE l.ended_on IS NULL",
        columns, [], "l.subject_id", only if needs.lists else [],
    )  # fmt: skip
    con.register("raw", rows.to_arrow())
    dates = ", ".join(f"CAST({c} AS DATE) AS {c}" for c in ("listed_on", "expires_on", "proposed_on"))
    con.execute(
        "CREATE TABLE listed AS SELECT *, coalesce(listed_on <= today, FALSE) AND coalesce(expires_on >= today, TRUE)"
        f" AS in_force FROM (SELECT * REPLACE ({dates}), DATE '{day}' AS today FROM raw)"
    )
    con.unregister("raw")


def _records(
    con: duckdb.DuckDBPyConnection, item: Item, fields: set[str], day: date, only: Sequence[int] | None
) -> None:
    texts = ("key", "severity", "source", "region", "payload")
    columns: dict[str, Any] = {"id": pl.Int64, "subject_id": pl.Int64}
    columns |= dict.fromkeys(texts, pl.String) | dict.fromkeys(_DATES, pl.String)
    rows = read(
        "SELECT r.id, r.subject_id, r.key, r.severity, r.source, r.region, v.payload, "
        + ", ".join(f"CAST(r.{d} AS text)" for d in _DATES)
        + " FROM registry_record r JOIN registry_recordversion v ON v.id = r.change"
        f" WHERE r.item = %s AND r.standing = 'active' AND r.held = {false()}",
        columns, [item.id], "r.subject_id", only,
    )  # fmt: skip
    con.register("raw", rows.to_arrow())
    con.execute(f"CREATE TABLE {table_of(item.id)} AS {_typed(item, fields, day)}")
    con.unregister("raw")


def _typed(item: Item, fields: set[str], day: date) -> str:
    """Columns `_record`, `_subject`, `_title`, `_<date>` for us; the item's fields and the head columns for expressions."""
    own = {f.id: TYPES.get(f.type, "VARCHAR") for f in item.kept_fields if f.id in fields | {item.record.title}}
    shape = json.dumps({name: ["VARCHAR"] if kind.endswith("[]") else "VARCHAR" for name, kind in own.items()})
    heads = [c for c in HEAD_COLUMNS if c not in own]
    parts = ["id AS _record", "subject_id AS _subject", f'CAST(p."{item.record.title}" AS VARCHAR) AS _title']
    parts += [f"CAST({d} AS DATE) AS _{d}" for d in _DATES]
    parts += ["nullif(severity, '') AS _severity", "source AS _source", f"DATE '{day}' AS today"]
    parts += [f"_{c} AS {c}" if c in (*_DATES, "severity") else f"{c} AS {c}" for c in heads]
    parts += [f'TRY_CAST(p."{name}" AS {kind}) AS "{name}"' for name, kind in own.items()]
    return f"SELECT {', '.join(parts)} FROM (SELECT *, json_transform(payload, '{shape}') AS p FROM raw)"


def read(
    select: str, columns: Mapping[str, Any], values: list[Any], id: str, only: Sequence[int] | None
) -> pl.DataFrame:
    """Rows of the store as a table: all, or those whose column `id` is one of `only`."""
    pieces = [pl.DataFrame(schema=dict(columns))]
    chunks: list[Sequence[int] | None] = (
        [None] if only is None else [only[n : n + _AT_ONCE] for n in range(0, len(only), _AT_ONCE)]
    )
    with connection.cursor() as cursor:
        for chunk in chunks:
            which = "" if chunk is None else f" AND {id} IN ({', '.join(['%s'] * len(chunk))})"
            cursor.execute(select + which, [*values, *(chunk or ())])
            while rows := cursor.fetchmany(_PIECE):
                pieces.append(pl.DataFrame(rows, schema=dict(columns), orient="row"))
    return pl.concat(pieces)
