"""Each trigger of an alert rule as one SELECT over the tables of supervision.

Columns: subject_id, whom (code of the subject or of the industry), cause, text, text_en, region.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from chengxin.policy.alerts import AlertRule
from chengxin.policy.conditions import HEAD_COLUMNS
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.supervision.alerts.wording import quoted, text_sql
from chengxin.supervision.matching import Compiler
from chengxin.supervision.tables import newest

TERM = "verification:"
"""How the cause of an alert about a term of verification begins, before the step and the day; `whom` is the model."""


class Triggers:
    """Compiles rules of one day; `compiler.needs` says afterwards what has to be read."""

    def __init__(self, packs: Policies, day: date, labels: Mapping[str, str]) -> None:
        self.compiler = Compiler(packs, day)
        self.packs, self.day, self.labels = packs, day, labels

    def select(self, rule: AlertRule) -> str:
        """The rule's alerts, of subjects of its kinds that meet its own conditions."""
        made: Callable[[AlertRule], str] = getattr(self, f"_{rule.trigger}")
        return made(rule)

    def _day(self, rule: AlertRule) -> str:
        wanted = rule.day
        assert wanted is not None
        for id in wanted.items:
            self.compiler.needs.item(id, {wanted.date})
        date_ = f"_{wanted.date}" if wanted.date in HEAD_COLUMNS else f'"{wanted.date}"'
        first = self.day if wanted.within_days is not None else self.day - timedelta(days=wanted.since_days or 0)
        last = self.day + timedelta(days=wanted.within_days or 0)
        columns = f"_subject AS subject_id, _record AS record, _title AS title, {date_} AS day, '{{item}}' AS item"
        rows = self.compiler.records(wanted, columns, f"{date_} BETWEEN DATE '{first}' AND DATE '{last}'")
        items = {id: newest(self.packs, id) for id in wanted.items}
        zh = {"item": _case("m.item", {id: i.label for id, i in items.items()})}
        en = {"item": _case("m.item", {id: i.label_en for id, i in items.items()})}
        places = {"title": "m.title", "date": "m.day", "days": f"date_diff('day', DATE '{self.day}', m.day)"}
        return self._of_subjects(rule, rows, "concat('record:', m.record, ':', m.day)", places | zh, places | en)

    def _count(self, rule: AlertRule) -> str:
        wanted = rule.count
        assert wanted is not None
        rows = self.compiler.records(wanted, "_subject AS subject_id, _record AS record", self.compiler.window(wanted))
        found = (
            f"SELECT subject_id, count(*) AS found, max(record) AS record FROM ({rows}) GROUP BY subject_id"
            f" HAVING count(*) >= {wanted.at_least}"
        )
        # The newest record is the cause: another one warns again, one that drops out of the window does not.
        return self._of_subjects(rule, found, "concat('record:', m.record)", {"count": "m.found"})

    def _grade(self, rule: AlertRule) -> str:
        wanted = rule.grade
        assert wanted is not None
        if wanted.to is None:
            rows = f"SELECT * FROM coming WHERE model = '{wanted.model}' AND next_rank > rank"
            rows += f" AND day <= DATE '{self.day + timedelta(days=wanted.falls_within_days or 0)}'"
            grade, cause = "next_grade", "concat('falls:', m.model, ':', m.next_grade, ':', m.day)"
        else:
            self.compiler.needs.models.add(wanted.model)
            grades = ", ".join(quoted(g) for g in wanted.to)
            rows = f"SELECT *, since AS day FROM grades WHERE model = '{wanted.model}' AND grade IN ({grades})"
            grade, cause = "grade", "concat('grade:', m.model, ':', m.grade, ':', m.since)"
        known = {
            k.split(" ", 1)[1]: v.split("：", 1)[-1] for k, v in self.labels.items() if k.startswith(f"{wanted.model} ")
        }
        places = {"date": "m.day", "model": quoted(self.labels.get(wanted.model, wanted.model))}
        return self._of_subjects(rule, rows, cause, places | {"grade": _case(f"m.{grade}", known)})

    def _listed(self, rule: AlertRule) -> str:
        wanted = rule.listed
        assert wanted is not None
        self.compiler.needs.lists = True
        day, test = {
            "considered": ("proposed_on", "listed_on IS NULL"),
            "listed": ("listed_on", "in_force"),
            "ending": (
                "expires_on",
                f"in_force AND expires_on <= DATE '{self.day + timedelta(days=wanted.within_days or 0)}'",
            ),
        }[wanted.state]
        lists = ", ".join(quoted(name) for name in wanted.lists)
        rows = f"SELECT *, {day} AS day FROM listed WHERE list IN ({lists}) AND {test}"
        names = {name: self.labels.get(name, name) for name in wanted.lists}
        places = {"date": "m.day", "list": _case("m.list", names)}
        return self._of_subjects(rule, rows, f"concat('listing:', m.id, ':{wanted.state}')", places)

    def _industry(self, rule: AlertRule) -> str:
        wanted = rule.industry
        assert wanted is not None
        kinds = ", ".join(quoted(k) for k in rule.subjects)
        code = f"substr(s.industry, 1, {wanted.digits})"
        places = {
            "industry": "i.industry",
            "count": "i.found",
            "share": "concat(round(100.0 * i.found / i.every, 1), '%')",
        }
        return (
            f"SELECT CAST(NULL AS BIGINT) AS subject_id, i.industry AS whom,"
            f" concat('industry:', i.industry, ':{self.day:%Y-%m}') AS cause, {text_sql(rule.text, places)} AS text,"
            f" {text_sql(rule.text_en, places)} AS text_en, '' AS region FROM ("
            f" SELECT {code} AS industry, count(c.subject_id) AS found, count(*) AS every FROM subjects s"
            f" LEFT JOIN ({self.compiler.counted(wanted)}) c ON c.subject_id = s.id"
            f" WHERE length(s.industry) >= {wanted.digits} AND s.kind IN ({kinds})"
            f" AND {self.compiler.all_of(rule.only)} GROUP BY 1) i"
            f" WHERE i.found >= {wanted.subjects_at_least} AND i.found >= {wanted.share_at_least} * i.every"
        )

    def _verification(self, rule: AlertRule) -> str:
        wanted = rule.verification
        assert wanted is not None
        versions = [m for m in sorted(self.packs.of(Evaluation), key=lambda m: m.version) if m.id in wanted.models]
        known = {m.id: m for m in versions}  # the newest words, also for what an older version found
        steps = {f"{m.id} {s.id}": s for m in versions for s in m.verification}
        if wanted.late_days is None:
            last = self.day + timedelta(days=wanted.within_days or 0)
            test = f"w.due BETWEEN DATE '{self.day}' AND DATE '{last}'"
        else:
            test = f"w.due <= DATE '{self.day - timedelta(days=wanted.late_days)}'"
        days = f"abs(date_diff('day', DATE '{self.day}', w.due))"
        places = {"count": "w.results", "date": "w.due", "days": days}
        step = "concat(w.model, ' ', w.step)"
        zh = {"model": _case("w.model", {id: m.label for id, m in known.items()})}
        zh |= {"step": _case(step, {id: s.label for id, s in steps.items()})}
        en = {"model": _case("w.model", {id: m.label_en for id, m in known.items()})}
        en |= {"step": _case(step, {id: s.label_en for id, s in steps.items()})}
        return (
            f"SELECT CAST(NULL AS BIGINT) AS subject_id, w.model AS whom, concat('{TERM}', w.step, ':', w.due) AS cause,"
            f" {text_sql(rule.text, places | zh)} AS text, {text_sql(rule.text_en, places | en)} AS text_en, '' AS region"
            f" FROM terms w WHERE w.model IN ({', '.join(quoted(m) for m in wanted.models)}) AND {test}"
        )

    def _of_subjects(
        self, rule: AlertRule, rows: str, cause: str, zh: Mapping[str, str], en: Mapping[str, str] | None = None
    ) -> str:
        who = {"name": "s.name", "code": "s.code"}
        kinds = ", ".join(quoted(k) for k in rule.subjects)
        return (
            f"SELECT s.id AS subject_id, s.code AS whom, {cause} AS cause, {text_sql(rule.text, {**zh, **who})} AS text,"
            f" {text_sql(rule.text_en, {**(en or zh), **who})} AS text_en, coalesce(s.region, '') AS region"
            f" FROM ({rows}) m JOIN (SELECT * FROM subjects WHERE kind IN ({kinds})"
            f"  AND {self.compiler.all_of(rule.only)}) s ON s.id = m.subject_id"
        )


def _case(column: str, words: Mapping[str, str]) -> str:
    """The word for the value of a column; the value itself where there is none."""
    arms = " ".join(f"WHEN {quoted(k)} THEN {quoted(v)}" for k, v in words.items())
    return f"CASE {column} {arms} ELSE {column} END" if arms else column
