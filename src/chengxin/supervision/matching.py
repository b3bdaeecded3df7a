"""Conditions of the packs as SQL over the tables of `supervision.tables`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from chengxin.policy.conditions import Condition, RecordCount, RecordsOf, record_columns, subject_sql
from chengxin.policy.dialect import regenerate
from chengxin.policy.policies import Policies
from chengxin.standards.months import add_months
from chengxin.supervision.tables import Needs, newest, table_of


class Compiler:
    """Turns conditions into expressions over `subjects s` and gathers what they need to be read."""

    def __init__(self, packs: Policies, day: date) -> None:
        self.packs = packs
        self.day = day
        self.needs = Needs()

    def all_of(self, conditions: Sequence[Condition] | None) -> str:
        """TRUE where all hold; none given: TRUE. Never NULL."""
        parts = [self._one(c) for c in conditions or ()]
        return " AND ".join(f"({p})" for p in parts) or "TRUE"

    def records(self, wanted: RecordsOf, columns: str, more: str = "") -> str:
        """SELECT `columns` of the matching records of all its items; `more` is a further condition."""
        selects = []
        for id in wanted.items:
            where = [self._where(wanted, id)]
            if wanted.severity:
                where.append(f"_severity IN ({_texts(wanted.severity)})")
            if wanted.sources:
                where.append(f"_source IN ({_texts(wanted.sources)})")
            if more:
                where.append(more)
            kept = " AND ".join(f"({w})" for w in where)
            selects.append(f"SELECT {columns.replace('{item}', id)} FROM {table_of(id)} WHERE {kept}")
        return " UNION ALL ".join(selects)

    def window(self, wanted: RecordCount) -> str:
        """The condition on the day of decision, or an empty text."""
        if wanted.months is not None:
            return f"_decided_on > DATE '{add_months(self.day, -wanted.months)}'"
        if wanted.days is not None:
            return f"_decided_on > DATE '{self.day - timedelta(days=wanted.days)}'"
        return ""

    def counted(self, wanted: RecordCount) -> str:
        """SELECT subject_id, found: the subjects with at least so many matching records."""
        rows = self.records(wanted, "_subject", self.window(wanted))
        return (
            f"SELECT _subject AS subject_id, count(*) AS found FROM ({rows}) GROUP BY _subject"
            f" HAVING count(*) >= {wanted.at_least}"
        )

    def _one(self, condition: Condition) -> str:
        answer = f"coalesce({self._question(condition)}, FALSE)"
        return f"NOT {answer}" if condition.negate else answer

    def _question(self, condition: Condition) -> str:
        if condition.grade:
            self.needs.models.add(condition.grade.model)
            grades = _texts(condition.grade.grades)
            return (
                f"id IN (SELECT subject_id FROM grades WHERE model = '{condition.grade.model}' AND grade IN ({grades}))"
            )
        if condition.lists:
            self.needs.lists = True
            return f"id IN (SELECT subject_id FROM listed WHERE in_force AND list IN ({_texts(condition.lists)}))"
        if condition.records:
            return f"id IN (SELECT subject_id FROM ({self.counted(condition.records)}))"
        return subject_sql(condition.subject or "TRUE")

    def _where(self, wanted: RecordsOf, id: str) -> str:
        item = newest(self.packs, id)
        if not wanted.where:
            self.needs.item(id)
            return "TRUE"
        text, used = regenerate(wanted.where, record_columns(item))
        self.needs.item(id, {f.id for f in item.kept_fields} & set(used))
        return f"coalesce({text}, FALSE)"


def _texts(values: Sequence[str]) -> str:
    return ", ".join("'" + v.replace("'", "''") + "'" for v in values)
