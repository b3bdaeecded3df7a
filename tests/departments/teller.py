"""What the stories of the departments are told with: register, report, grade, list, ask, repair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from unittest.mock import patch

import numpy as np
import polars as pl
import pyarrow as pa
from django.utils import timezone

from chengxin.accounts.actors import Actor, operator
from chengxin.collection.plan import plan_for
from chengxin.collection.prepare import stage_sql, staged_rows
from chengxin.engine.check import Checker
from chengxin.engine.findings import Findings
from chengxin.engine.headers import Match
from chengxin.evaluation.actions import Evaluated, evaluate
from chengxin.evaluation.models import CurrentGrade
from chengxin.evaluation.verifying import Decision, apply, decide
from chengxin.paths import policies_dir
from chengxin.policy.alerts import AlertRule
from chengxin.policy.evaluation import model_of
from chengxin.policy.inspection import DefaultClass, InspectionClass
from chengxin.policy.lists import CreditList
from chengxin.policy.policies import Policies
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.merge import STAGE, Header, merge
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.reports import review
from chengxin.reports import snapshot as telling
from chengxin.reports.asking import Granted, Request, granted
from chengxin.standards.months import add_months
from chengxin.standards.uscc import make_uscc
from chengxin.supervision import jobs
from chengxin.supervision.alerts import finding
from chengxin.supervision.inspection.actions import draw, plan, policy_on, register_inspector
from chengxin.supervision.inspection.pool import START_UP, snapshot
from chengxin.supervision.lists.actions import propose, take
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.leaving import revoke
from chengxin.supervision.lists.queries import candidates, in_force
from chengxin.supervision.measures.queries import Checked, check
from chengxin.supervision.models import Alert, Listing, Task
from chengxin.supervision.packs import list_on

from ..registry.staged import row, send

PROPOSER, REVIEWER, DECIDER = (operator(name) for name in ("proposer", "reviewer", "decider"))
VERIFIERS = ("first verifier", "second verifier", "third verifier")
CLERK = Actor("clerk", {"health": frozenset({"reporter"})})
WHY = Because("operator", "按程序办理")
NATIONAL = {file.stem for file in (policies_dir() / "national" / "catalogue").glob("*.toml")}


@dataclass
class Reported:
    """One row that a source unit reports; the register's record once the province has taken it in."""

    source: str
    item: str
    cells: dict[str, str]
    key_hash: str = ""

    @property
    def record(self) -> int:
        return int(Record.objects.get(item=self.item, source=self.source, key_hash=self.key_hash).pk)


class Province:
    """Everybody and everything in one store. Days are told as so many days, months or years before today.

    Rows wait until something is asked, and are then taken in item by item: preparing an item's rules costs more than
    checking a hundred rows by them. The rules of a department's own items are run; those of the national items, which
    are the dearest, have tests of their own and are not run again here: such rows are typed, graded by severity and dated.
    """

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self._names: dict[str, str] = {}
        self._waiting: list[Reported] = []
        self._told = 0
        self._pools: dict[str, dict[str, str]] = {}
        self._sources: set[str] = set()

    def ago(self, *, days: int = 0, months: int = 0, years: int = 0) -> date:
        return add_months(self.today, -months - 12 * years) - timedelta(days=days)

    def register(
        self, name: str, *, years: int = 8, region: str = "320100", industry: str = "C26", prefix: str = "91"
    ) -> str:
        """A registered subject that is so many years old; gives its code."""
        number, on = len(self._names) + 1, self.ago(years=years)
        code = make_uscc(prefix[0], prefix[1], region, f"MA1{number:05d}")
        content = {"subject_name": name, "subject_code": code, "registered_on": on.isoformat(), "status": "存续"}
        made = row(
            number, code, name, f"reg-{code}", content=content, severity="", decided_on=on, region=region, publish=1,
            kind="individual_business" if prefix == "92" else "organisation", industry=industry, status="存续",
            registered_on=on, public_until=None, due_on=None, repair_from=None,
        )  # fmt: skip
        send(made, source="market-regulation", item="registration")
        self._names[code] = name
        return code

    def report(self, source: str, item: str, code: str, on: date, **cells: object) -> Reported:
        """One row of an item, to be checked by its rules as in a batch.

        The subject, the day of the decision, the authority and whatever else is required and not told are filled in:
        the authority is the source unit, the number is a new one, the rest are the pack's own examples.
        """
        packs = policies()
        agency, declared = packs.agency(source), packs.item(item, self.today)
        assert item in {duty.id for duty in agency.items}, f"{source} does not report {item}"
        self._told += 1
        self._sources.add(source)
        wanted: dict[str, object] = {f.id: f.example for f in declared.kept_fields if f.required or f.required_when}
        wanted |= {"subject_name": self._names[code], "subject_code": code}
        filled = {
            declared.record.authority: agency.name, declared.record.authority_code: agency.code,
            declared.record.document: f"苏测〔{on.year}〕{self._told}号", declared.record.decided: on,
        }  # fmt: skip
        wanted |= {name: value for name, value in filled.items() if name} | cells
        texts = {k: v.isoformat() if isinstance(v, date) else str(v) for k, v in wanted.items() if v is not None}
        self._waiting.append(Reported(source, item, texts))
        return self._waiting[-1]

    def penalty(self, source: str, code: str, on: date, **cells: object) -> Reported:
        """An ordinary penalty of a department: a fine, unless told otherwise."""
        told: dict[str, object] = {
            "penalty_kinds": "罚款",
            "content": "罚款 5000 元",
            "fine_amount": "0.5",
            "valid_until": None,
        }
        return self.report(source, "penalty", code, on, **(told | cells))

    def grade(self, model: str) -> Evaluated:
        """Grade everybody by a model, as the yearly or the next run would."""
        self.take_in()
        self._pools.clear()
        return evaluate(model, operator("evaluator"))

    def verify(self, model: str, *codes: str) -> None:
        """Through all steps that results of a model wait for, each by another person."""
        found = model_of(policies(), model, self.today)
        who = list(Subject.objects.filter(code__in=codes).values_list("pk", flat=True)) if codes else None
        for person, step in zip(VERIFIERS, found.holding, strict=False):
            decide(operator(person), found, Decision(step.id, "confirm"), who)
        self._pools.clear()

    def review(self, model: str, code: str, reason: str, answer: str, grade: str) -> None:
        """The subject applies for a review of its grade, and somebody else gives it another one."""
        found, subject = model_of(policies(), model, self.today), Subject.objects.get(code=code)
        step = apply(operator("representative"), found, subject, reason).step
        person = f"reviewer of {reason}"
        decide(operator(person), found, Decision(step, "change", answer, grade), [subject.pk])
        self._pools.clear()

    def take_in(self) -> None:
        """Check and store what has been reported; a row that its item refuses or doubts spoils the story."""
        waiting, self._waiting = self._waiting, []
        self._pools.clear()
        for item in dict.fromkeys(r.item for r in waiting):
            for source in dict.fromkeys(r.source for r in waiting if r.item == item):
                rows = [r for r in waiting if (r.item, r.source) == (item, source)]
                _store(rows, policies(), self.today)

    def grade_of(self, code: str, model: str) -> tuple[str, float]:
        """Grade and score as they are kept."""
        kept = CurrentGrade.objects.get(subject__code=code, model=model)
        return kept.grade, float(kept.score)

    def repair(self, *reported: Reported, on: date | None = None) -> None:
        """The source unit has found the conditions of repair met; with `on` the story says that the minimum is over."""
        self.take_in()
        for each in reported:
            if on:
                Record.objects.filter(pk=each.record).update(repair_from=on)
            change_standing(each.record, "repair", WHY)

    def candidates(self, list_id: str, criterion: str) -> list[str]:
        self.take_in()
        return [str(c["code"]) for c in candidates(list_id, criterion, self.today)]

    def put_on(self, list_id: str, code: str, criterion: str, grounds: Iterable[Reported]) -> Listing:
        """Through all steps of a list, by different people, with every term run out."""
        self._pools.clear()
        pack: CreditList = list_on(list_id, self.today).list
        day = self.ago(days=120)
        entry = propose(
            PROPOSER, list_id, code, criterion, [g.record for g in grounds], Paper(text="符合认定标准", on=day)
        )
        people = {"review": REVIEWER, "decision": DECIDER, "publication": DECIDER}
        outcomes = {"review": "agree", "decision": "list"}
        for step in pack.steps[1:]:
            if step.kind in ("hearing", "verification"):
                continue
            day += timedelta(days=20)
            paper = Paper("苏测名单〔2026〕1号", "事实清楚，依据充分", outcomes.get(step.kind, ""), day)
            entry = take(people.get(step.kind, PROPOSER), entry, step.kind, paper)
        return entry

    def undo(self, entry: Listing) -> None:
        """The department has found that the listing was wrong."""
        revoke(DECIDER, entry, Paper("苏测撤〔2026〕1号", "列入有误，予以撤销", on=self.today))
        self._pools.clear()

    def recorded(self, item: str, code: str) -> list[tuple[str, str]]:
        """What the register holds of an item about a subject: (source, standing)."""
        return list(Record.objects.filter(item=item, subject__code=code).values_list("source", "standing"))

    def listed(self, list_id: str) -> list[str]:
        """Who is on a list today."""
        return sorted(in_force(self.today).filter(list=list_id).values_list("subject__code", flat=True))

    def ask(self, code: str, matter: str) -> Checked:
        """What a business system is told when it asks about a matter."""
        return check(code, matter)

    def answers(self, code: str, matter: str) -> list[str]:
        """The measures that apply, the strongest first."""
        return [f.measure for f in check(code, matter).findings]

    def chapters(self, template: str, code: str, who: Actor = CLERK) -> dict[str, list[str]]:
        """What a report says of a subject, as a clerk gets it by duty: chapter -> titles of its records, the newest first."""
        body = telling.of_subject(self._granted(who, template, code), policies())
        return {c["id"]: [r["title"] for r in c["records"]] for c in body["chapters"]}

    def sheet(self, template: str, *codes: str) -> list[tuple[str, list[str]]]:
        """A review sheet's lines, as a clerk gets it by duty: (outcome, the criteria that are met)."""
        body = review.of_list(self._granted(CLERK, template, *codes), policies())
        return [(a["outcome"], [f["criterion"] for f in a["findings"]]) for a in body["applicants"]]

    def _granted(self, who: Actor, template: str, *codes: str) -> Granted:
        self.take_in()
        return granted(Request(template, codes, purpose="业务办理"), who, policies(), self.today)

    def follow(self) -> None:
        """Supervision takes up what has changed, and has those alerts found that are of the story's own departments.

        Every rule of every department in one statement takes seconds, whatever there is to be found.
        """
        self.take_in()
        told, all_rules = self._sources, finding.rules_on

        def own_rules(day: date, packs: Policies) -> list[tuple[str, AlertRule]]:
            return [(version, rule) for version, rule in all_rules(day, packs) if rule.department in told]

        self._pools.clear()
        with patch.object(finding, "rules_on", own_rules):
            jobs.follow(self.today)

    def alerts(self, code: str) -> set[str]:
        """The rules that have told of this subject so far."""
        return set(Alert.objects.filter(subject__code=code).values_list("rule", flat=True))

    def class_of(self, code: str, policy: str) -> InspectionClass | DefaultClass:
        """The class of supervision that an inspection policy puts a subject into, from the pool of a plan."""
        pack = policy_on(policy, self.today)
        if policy not in self._pools:
            pool = snapshot(pack, policies(), self.today.replace(month=1, day=1), self.today, self.today)
            self._pools[policy] = dict(pool.rows.select("code", "stratum").iter_rows())
        name = self._pools[policy][code].removesuffix(f".{START_UP}")
        return next((c for c in pack.classes if c.id == name), pack.default)

    def drawn(self, policy: str) -> dict[str, str]:
        """A plan for the rest of the year and its draw: code -> class of whom is to be inspected."""
        pack = policy_on(policy, self.today)
        for number in ("E01", "E02"):
            register_inspector(PROPOSER, pack.department, number, f"检查员{number}")
        made = plan(PROPOSER, policy, "双随机抽查", self.today, self.today.replace(month=12, day=31))
        draw(PROPOSER, made, "7 1 4")
        return dict(Task.objects.filter(plan=made).values_list("subject__code", "stratum"))


def _store(rows: Sequence[Reported], packs: Policies, today: date) -> None:
    """Rows of one item from one source: checked, staged and merged as a batch is."""
    item, source = packs.item(rows[0].item, today), rows[0].source
    names = list(dict.fromkeys(name for r in rows for name in r.cells))
    match = Match({name: n for n, name in enumerate(names)}, (), (), (), ())
    columns = {f"c{n}": [r.cells.get(name) for r in rows] for n, name in enumerate(names)}
    table = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    nothing = np.zeros(len(rows), dtype=bool)
    plan = plan_for(item, packs, reported_on=today, today=today)
    with Checker(plan, match, threads=1) as checker:
        if item.id not in NATIONAL:
            found = Findings(plan, match.position, checker.quote).of(checker.check(table, numbers), table)
            faults = found.filter(pl.col("level").is_in(["reject", "doubt"]))["message"].to_list()
            assert not faults, f"{item.id}: {faults}"
        select = stage_sql(item, packs, region=packs.agency(source).region, on=today)
        staged = staged_rows(checker, table, select, rows=numbers, held=nothing, variants=nothing, master=False)
    for told, key in zip(rows, staged["key_hash"].to_pylist(), strict=True):
        told.key_hash = key
    outcome = merge(
        pa.table(staged).select([f.name for f in STAGE]), Header(item.id, item.version, source, 1, "reporter")
    )
    assert outcome.created == len(rows), f"{item.id}: {outcome}"
