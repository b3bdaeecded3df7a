"""A subject with the stamp of what is held on it, and its present records: two hand-written statements.

Half the time of a profile went into composing the same queries anew and converting values one by one; the joins below are
what the index was made for (benchmarks/looking.py measures them against bare SQL).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.db.models.base import ModelState

from chengxin.registry.models import Record, RecordVersion, Subject, SubjectKind
from chengxin.registry.public import public_sql
from chengxin.registry.sql import asked

Convert = tuple[int, Callable[[Any], Any]]


@dataclass(frozen=True)
class Held:
    """A subject and what its records come to: how many there are, the newest change of them and when it was recorded, and
    whether the public may see one of them (`shown`). `beside` is what else was asked of the subject in the same row."""

    subject: Subject
    records: int
    newest: int
    recorded_at: datetime | None
    shown: bool
    beside: tuple[bool, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the public may hear of the subject at all: what `publicly_known` asks, answered by the same row."""
        return self.subject.kind != SubjectKind.NATURAL_PERSON and (self.shown or not self.subject.provisional)


def held_under(code: str, day: date, *beside: str) -> Held | None:
    """The subject that has this code now, with what its records come to on `day`; None where nobody has it. `beside` are
    conditions in SQL of other rooms on the subject `h`: what is there to be read at all costs no statement of its own."""
    select, converts = _shape((("h", Subject), ("v", RecordVersion, "recorded_at")), connection.vendor)
    visible, values = public_sql(day)
    more = "".join(f", {condition}" for condition in beside)
    rows = asked(
        f"""SELECT {select}, h.records, h.newest, h.shown{more} FROM (
            SELECT u.*, count(r.id) AS records, max(r.change) AS newest,
                   max(CASE WHEN {visible} THEN 1 ELSE 0 END) AS shown
            FROM registry_subject u LEFT JOIN registry_record r ON r.subject_id = u.id
            WHERE u.code = %s GROUP BY u.id
        ) AS h LEFT JOIN registry_recordversion v ON v.id = h.newest""",
        [*values, code],
    )
    if not rows:
        return None
    told, found = _converted(rows[0], converts), len(rows[0]) - len(beside)
    *columns, recorded_at, records, newest, shown = told[:found]
    subject = _made(Subject, columns)
    return Held(subject, records, newest or 0, recorded_at, bool(shown), tuple(bool(b) for b in told[found:]))


def current_rows(subject_id: int) -> list[tuple[Record, RecordVersion]]:
    """Each record of the subject with the version it stands in now, in no particular order."""
    select, converts = _shape((("r", Record), ("v", RecordVersion)), connection.vendor)
    width = len(Record._meta.concrete_fields)
    rows = asked(
        f"SELECT {select} FROM registry_record r JOIN registry_recordversion v ON v.id = r.change WHERE r.subject_id = %s",
        [subject_id],
    )
    found = []
    for row in rows:
        values = _converted(row, converts)
        head, version = _made(Record, values[:width]), _made(RecordVersion, values[width:])
        version._state.fields_cache["record"] = head
        found.append((head, version))
    return found


def names_and_identifiers(subject_id: int) -> tuple[list[str], list[dict[str, str]]]:
    """The former names of a subject and its further identifiers, in the order in which they became known."""
    rows = asked(
        """SELECT 1 AS part, id, '' AS scheme, name AS value FROM registry_subjectname
           WHERE subject_id = %s AND NOT current
           UNION ALL SELECT 2, id, scheme, value FROM registry_identifier WHERE subject_id = %s ORDER BY 1, 2""",
        [subject_id, subject_id],
    )
    former = [value for part, _, _, value in rows if part == 1]
    return former, [{"scheme": scheme, "value": value} for part, _, scheme, value in rows if part == 2]


@cache
def _shape(tables: tuple[tuple[Any, ...], ...], vendor: str) -> tuple[str, list[Convert]]:
    """The select list of (alias, model, columns: all unless named), and what has to be converted where."""
    columns = [
        (alias, f)
        for alias, model, *names in tables
        for f in model._meta.concrete_fields
        if not names or f.column in names
    ]
    converts = [] if vendor == "postgresql" else [_TEXTS.get(f.get_internal_type()) for _, f in columns]
    select = ", ".join(f'{alias}."{field.column}"' for alias, field in columns)
    return select, [(at, c) for at, c in enumerate(converts) if c]


def _converted(row: Sequence[Any], converts: Sequence[Convert]) -> list[Any]:
    values = list(row)
    for at, convert in converts:
        if values[at] is not None:
            values[at] = convert(values[at])
    return values


def _moment(text: str | datetime) -> datetime:
    return (text if isinstance(text, datetime) else datetime.fromisoformat(text)).replace(tzinfo=UTC)


def _day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)


_TEXTS: dict[str, Callable[[Any], Any]] = {"DateField": _day, "DateTimeField": _moment, "BooleanField": bool}
"""SQLite keeps days and moments as text, in UTC."""


def _made(model: type[Model], values: Sequence[Any]) -> Any:
    """A row as Django would have read it; its `__init__` takes longer for a record than all else that is done to it."""
    made: Any = model.__new__(model)
    made.__dict__.update(zip(_names(model), values, strict=True))
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    return made


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields)
