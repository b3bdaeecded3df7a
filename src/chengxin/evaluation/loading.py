"""From the register to the two tables a model reads: subjects, and records with the payload fields it needs.

The state is that of now, or that after the change of a given number: every version of a record is kept, so that any past
day can be asked for. What counts at all is decided here: active or disputed, and not held in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
from django.db import connection

from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.session import open_session
from chengxin.evaluation.reading import fetched
from chengxin.policy.catalogue import Attribute
from chengxin.policy.policies import Policies
from chengxin.registry.sql import false

TOUCHED = "evaluation_touched"
"""Temporary table of the subjects a step is about: subject_id."""

SUBJECT_ROWS = pa.schema(
    [
        ("subject_id", pa.int64()),
        ("kind", pa.string()),
        ("region", pa.string()),
        ("industry", pa.string()),
        ("status", pa.string()),
        ("registered_on", pa.date32()),
    ]
)
RECORD_ROWS = pa.schema(
    [
        ("subject_id", pa.int64()),
        ("change", pa.int64()),
        ("item", pa.string()),
        ("severity", pa.string()),
        ("source", pa.string()),
        ("region", pa.string()),
        ("standing", pa.string()),
        ("payload", pa.string()),
    ]
)
_EFFECTIVE = "standing IN ('active', 'disputed', 'repaired')"
"""A repaired record counts for no indicator; it only still says that its subject belongs to the population."""


@dataclass(frozen=True)
class Loaded:
    """The subjects of a step and their records that count, as the engine takes them."""

    subjects: pa.Table
    records: pa.Table


def load(plan: GradingPlan, packs: Policies, *, past: bool = False) -> Loaded:
    """The subjects in `TOUCHED` and their records: as they stand, or as they stood where `go_back` went.

    Must be called outside a transaction on SQLite.
    """
    items = ", ".join(f"'{i}'" for i in plan.items)
    if not past:
        subjects, rows = fetched(_SUBJECTS, SUBJECT_ROWS), fetched(_now(items), RECORD_ROWS)
    else:
        subjects = _subjects_then(packs)
        rows = fetched(
            f"{_THEN.format(heads=_HEADS, items=items)} AND v.{_EFFECTIVE} AND v.held = {false()}", RECORD_ROWS
        )
    return Loaded(subjects, typed(rows, plan, packs))


_SUBJECTS = f"""
    SELECT u.id, u.kind, u.region, u.industry, u.status, u.registered_on
    FROM {TOUCHED} t JOIN registry_subject u ON u.id = t.subject_id"""


def _now(items: str) -> str:
    return f"""
        SELECT r.subject_id, v.id, r.item, v.severity, r.source, r.region, v.standing, v.payload
        FROM {TOUCHED} t JOIN registry_record r ON r.subject_id = t.subject_id
        JOIN registry_recordversion v ON v.id = r.change
        WHERE r.item IN ({items}) AND r.{_EFFECTIVE} AND r.held = {false()}"""


_THEN = f"""
    SELECT q.subject_id, v.id, q.item, v.severity, q.source, q.region, v.standing, v.payload
    FROM {TOUCHED} t JOIN {{heads}} q ON q.subject_id = t.subject_id
    JOIN registry_recordversion v ON v.id = q.newest
    WHERE q.item IN ({{items}})"""


def go_back(plan: GradingPlan, packs: Policies, position: int) -> None:
    """Find, once a run, the version of every record after the change `position`, for `load` to read.

    A record belonged to whom its version says, unless that subject has since been joined to another.
    """
    master = ", ".join(_text(m) for m in masters(packs)) or "''"
    items = ", ".join(_text(i) for i in plan.items)
    _make_heads(_HEADS, f"r.item IN ({items})", "", position)
    _make_heads(_MASTERS, f"r.item IN ({master})", f"AND w.held = {false()}", position)


_HEADS, _MASTERS = "evaluation_heads", "evaluation_masters"


def _make_heads(table: str, which: str, more: str, position: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"""CREATE TEMP TABLE {table} AS
            SELECT r.item, r.source, r.region, n.newest, coalesce(u.id, r.subject_id) AS subject_id
            FROM (SELECT w.record_id, max(w.id) AS newest FROM registry_recordversion w
                  JOIN registry_record r ON r.id = w.record_id AND {which}
                  WHERE w.id <= {int(position)} {more} GROUP BY w.record_id) n
            JOIN registry_record r ON r.id = n.record_id
            JOIN registry_recordversion v ON v.id = n.newest
            LEFT JOIN registry_subject u ON u.id = v.subject_id_then"""
        )
        cursor.execute(f"CREATE INDEX {table}_subject ON {table} (subject_id)")
        cursor.execute(f"ANALYZE {table}")


def masters(packs: Policies) -> list[str]:
    """The items that carry master data: a change of theirs changes the subject."""
    return sorted({c.item.id for c in packs.compiled if c.item.record.master})


def registrations(packs: Policies) -> pa.Table:
    """The registrations of the subjects in `TOUCHED` as they stand, as `RECORD_ROWS`."""
    return fetched(_now(", ".join(_text(m) for m in masters(packs)) or "''"), RECORD_ROWS)


def _subjects_then(packs: Policies) -> pa.Table:
    """Subjects with the master data of their registration at that time; those without one are known by kind alone."""
    master = ", ".join(_text(m) for m in masters(packs)) or "''"
    rows = fetched(_THEN.format(heads=_MASTERS, items=master), RECORD_ROWS)
    attributes = {name: attribute_sql(packs, name) for name in ("region", "industry", "status", "registered_on")}
    chosen = ", ".join(f"{sql} AS {name}" for name, sql in attributes.items())
    with open_session() as con:
        con.register("subjects_now", fetched(_SUBJECTS, SUBJECT_ROWS))
        con.register("rows_then", rows)
        return con.sql(
            f"""SELECT s.subject_id, s.kind, m.region, m.industry, m.status, m.registered_on FROM subjects_now s
            LEFT JOIN (SELECT subject_id, {chosen} FROM rows_then
                       QUALIFY row_number() OVER (PARTITION BY subject_id ORDER BY change DESC) = 1) m
            ON m.subject_id = s.subject_id"""
        ).to_arrow_table()


def attribute_sql(packs: Policies, name: Attribute) -> str:
    """A piece of master data out of the payload: a coded region or industry as its code, all else as it is."""
    arms = []
    for item in (packs.versions(m)[-1] for m in masters(packs)):
        field_id = item.record.attributes.get(name)
        if field_id is None:
            continue
        text, field = f"json_extract_string(payload, '$.{field_id}')", item.field(field_id)
        if field.type == "date":
            text = f"try_cast({text} AS DATE)"
        elif name in ("region", "industry") and field.type == "code" and field.table:
            codes = {row.label: row.code for row in packs.codes(field.table).rows}
            pairs = ", ".join(f"{_text(label)}: {_text(code)}" for label, code in codes.items())
            text = f"MAP {{{pairs}}}[{text}]"
        if name == "region":
            text = f"coalesce({text}, region)"
        arms.append(f"WHEN {_text(item.id)} THEN {text}")
    return f"CASE item {' '.join(arms)} END" if arms else "NULL"


def typed(rows: pa.Table, plan: GradingPlan, packs: Policies) -> pa.Table:
    """Records with their days and the payload fields of the plan as typed columns."""
    with open_session() as con:
        con.register("rows", rows)
        return con.sql(typed_sql("rows", plan, packs)).to_arrow_table()


def typed_sql(rows: str, plan: GradingPlan, packs: Policies) -> str:
    """The SELECT that types `rows` (`RECORD_ROWS`): each payload is parsed once."""
    days = _days(plan, packs)
    wanted = dict(plan.fields or {})
    for name in {n for pair in days.values() for n in pair if n}:
        wanted.setdefault(name, "DATE")
    shape = ", ".join(f'"{name}": {_json_type(kind)}' for name, kind in wanted.items())
    columns = [
        "subject_id",
        "change",
        "item",
        _day(days, 0, wanted),
        _day(days, 1, wanted),
        "severity",
        "source",
        "region",
    ]
    columns += ["standing", *(f'_p."{name}" AS "{name}"' for name in plan.fields or {})]
    source = (
        f"SELECT *, json_transform(payload, '{{{shape}}}') AS _p FROM {rows}" if wanted else f"SELECT * FROM {rows}"
    )
    return f"SELECT {', '.join(columns)} FROM ({source})"


def _json_type(kind: str) -> str:
    return f'["{kind[:-2]}"]' if kind.endswith("[]") else f'"{kind}"'


def _days(plan: GradingPlan, packs: Policies) -> dict[str, tuple[str, str]]:
    """Item -> the payload fields of its decision and its expiry, as its newest version says."""
    found: dict[str, tuple[str, str]] = {}
    for item in plan.items:
        record = packs.versions(item)[-1].record
        found[item] = (record.decided or "", record.expires or "")
    return found


def _day(days: Mapping[str, tuple[str, str]], which: int, wanted: Mapping[str, str]) -> str:
    name = ("decided_on", "expires_on")[which]
    arms = []
    for item, pair in days.items():
        if field := pair[which]:
            value = f'_p."{field}"' if wanted[field] == "DATE" else f'try_cast(_p."{field}" AS DATE)'
            arms.append(f"WHEN {_text(item)} THEN {value}")
    return f"CASE item {' '.join(arms)} END AS {name}" if arms else f"CAST(NULL AS DATE) AS {name}"


def touch(select: str) -> int:
    """Make `TOUCHED` from a SELECT of subject ids; gives how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TOUCHED}")
        cursor.execute(f"CREATE TEMP TABLE {TOUCHED} (subject_id bigint PRIMARY KEY)")
        cursor.execute(f"INSERT INTO {TOUCHED} {select}")
        # Of unknown size it is taken for large, and every record is read to find those of a thousand subjects.
        cursor.execute(f"ANALYZE {TOUCHED}")
        cursor.execute(f"SELECT count(*) FROM {TOUCHED}")
        return int(cursor.fetchone()[0])


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
