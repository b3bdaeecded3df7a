"""Lists in several steps, measures answered, random inspections announced, drawn and carried out (F-10 to F-14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from chengxin.cli.demo.people import auditor, inspector, reporter
from chengxin.cli.demo.stories import Event, Scene

ECOLOGY, EMERGENCY = "ecology-environment", "emergency"
_VIOLATORS = ("environmental-violators", ("serious-penalty", "repeated"))


def events(scene: Scene) -> Iterator[Event]:
    """Everything that supervision does in the last weeks."""
    for story in (_listed, _noticed, _proposed, _favoured, _inspected, _announced, _answered):
        yield from story(scene)


def _propose(scene: Scene, name: str, list_id: str, criteria: tuple[str, ...], reason: str) -> None:
    """Propose the first candidate of the first criterion that has one."""
    from django.utils import timezone

    from chengxin.registry.models import Record, Standing
    from chengxin.supervision.lists.actions import propose
    from chengxin.supervision.lists.keeping import Paper
    from chengxin.supervision.lists.queries import candidates
    from chengxin.supervision.packs import list_on

    day = timezone.localdate()
    department = list_on(list_id, day).list.department
    for criterion in criteria:
        for found in candidates(list_id, criterion, day, limit=20):
            held = Record.objects.filter(subject__code=found["code"], standing=Standing.ACTIVE, held=False)
            grounds = list(held.filter(item="penalty", source=department).values_list("pk", flat=True)[:3])
            if found["code"] != scene.code and grounds:
                paper = Paper(text=reason)
                who = scene.actor(reporter(department))
                scene.kept[name] = str(propose(who, list_id, found["code"], criterion, grounds, paper).pk)
                return


def _step(scene: Scene, name: str, who: str, kind: str, text: str = "", outcome: str = "", document: str = "") -> None:
    from chengxin.supervision.lists.actions import take
    from chengxin.supervision.lists.keeping import Paper
    from chengxin.supervision.models import Listing

    take(scene.actor(who), Listing.objects.get(pk=scene.kept[name]), kind, Paper(document, text, outcome))


def _listed(scene: Scene) -> Iterator[Event]:
    """On the list after notice, review, decision and service; published."""
    by, judge, other = reporter(ECOLOGY), auditor(ECOLOGY), "demo-ecology-environment-judge"
    year = scene.today.year
    yield Event("listed-propose", scene.ago(36), lambda: _propose(
        scene, "listed", *_VIOLATORS, "一年内因严重环境违法行为受到处罚，符合列入标准。"))  # fmt: skip
    yield Event("listed-notice", scene.ago(35), lambda: _step(
        scene, "listed", by, "notice", "拟列入环境违法者名单，可在五个工作日内陈述、申辩。",
        document=f"苏环告〔{year}〕31号"))  # fmt: skip
    yield Event("listed-review", scene.ago(25), lambda: _step(
        scene, "listed", judge, "review", "事实清楚，当事人未陈述申辩，同意列入。", "agree"))  # fmt: skip
    yield Event("listed-decision", scene.ago(22), lambda: _step(
        scene, "listed", other, "decision", "决定列入环境违法者名单。", "list", f"苏环列〔{year}〕17号"))  # fmt: skip
    yield Event("listed-service", scene.ago(20), lambda: _step(
        scene, "listed", by, "service", "", document=f"苏环送〔{year}〕17号"))  # fmt: skip
    yield Event("listed-publication", scene.ago(19), lambda: _step(scene, "listed", judge, "publication"))


def _noticed(scene: Scene) -> Iterator[Event]:
    """The term to answer runs, and the subject has answered."""
    by = reporter(ECOLOGY)
    yield Event("noticed-propose", scene.ago(6), lambda: _propose(
        scene, "noticed", *_VIOLATORS, "一年内三次因环境违法受到处罚。"))  # fmt: skip
    yield Event("noticed-notice", scene.ago(5), lambda: _step(
        scene, "noticed", by, "notice", "拟列入环境违法者名单，可在五个工作日内陈述、申辩。",
        document=f"苏环告〔{scene.today.year}〕44号"))  # fmt: skip
    yield Event("noticed-answer", scene.ago(2), lambda: _step(
        scene, "noticed", by, "answer", "当事人书面陈述：设施已于上月整改完毕，请求从轻。", "statement"))  # fmt: skip


def _proposed(scene: Scene) -> Iterator[Event]:
    yield Event("proposed", scene.ago(1), lambda: _propose(
        scene, "proposed", "safety-attention", ("penalties", "broken"), "一年内多次受到安全生产行政处罚。"))  # fmt: skip


def _favoured(scene: Scene) -> Iterator[Event]:
    """A red list in its publicity: anybody may object."""

    def propose() -> None:
        from django.utils import timezone

        from chengxin.registry.models import Record
        from chengxin.supervision.lists.actions import propose
        from chengxin.supervision.lists.keeping import Paper
        from chengxin.supervision.lists.queries import candidates

        found = candidates("safety-models", "clean", timezone.localdate(), limit=3)[0]["code"]
        grounds = Record.objects.filter(subject__code=found, item="safety-ledger", held=False).values_list(
            "pk", flat=True
        )
        paper = Paper(text="已作安全生产承诺，三年内没有事故和处罚。")
        who = scene.actor(reporter(EMERGENCY))
        scene.kept["favoured"] = str(propose(who, "safety-models", found, "clean", list(grounds), paper).pk)

    yield Event("favoured-propose", scene.ago(4), propose)
    yield Event("favoured-publicity", scene.ago(3), lambda: _step(scene, "favoured", reporter(EMERGENCY), "publicity"))


def _term(scene: Scene) -> tuple[date, date]:
    """From four weeks ago to the end of the year, within one year."""
    first = max(date(scene.today.year, 1, 1), scene.ago(28))
    return first, date(scene.today.year, 12, 31)


def _inspected(scene: Scene) -> Iterator[Event]:
    """Planned, drawn in public, published, half carried out."""
    from chengxin.supervision.inspection import actions

    who = reporter(ECOLOGY)

    def plan() -> None:
        from chengxin.cli.demo.people import names

        for number, name in enumerate(names(90)[-8:], 1):
            actions.register_inspector(scene.actor(who), ECOLOGY, f"320{number:05d}", name)
        title = f"{scene.today.year}年第四季度排污单位双随机抽查"
        scene.kept["plan"] = str(actions.plan(scene.actor(who), ECOLOGY, title, *_term(scene)).pk)

    yield Event("plan-made", scene.ago(30), plan)
    yield Event("plan-drawn", scene.ago(28), lambda: actions.draw(
        scene.actor(who), _plan(scene), "3D 04 07 19"))  # fmt: skip
    yield Event("plan-published", scene.ago(27), lambda: actions.publish(
        scene.actor(auditor(ECOLOGY)), _plan(scene)))  # fmt: skip
    yield Event("plan-results", scene.ago(5), lambda: _results(scene))


def _plan(scene: Scene) -> Any:
    from chengxin.supervision.models import Plan

    return Plan.objects.get(pk=scene.kept["plan"])


def _results(scene: Scene) -> None:
    """Two thirds of the tasks have been inspected; most found nothing."""
    import polars as pl

    from chengxin.supervision.inspection.packs import policy_on, record_on, result_labels
    from chengxin.supervision.inspection.results import enter_results

    plan = _plan(scene)
    codes = list(plan.tasks.order_by("pk").values_list("code", flat=True))
    done = codes[: max(1, len(codes) * 2 // 3)]
    good, *others = result_labels(record_on(plan.starts_on))
    bad = next((r for r in others if "改正" in r), good)
    matter = policy_on(plan.policy, plan.starts_on).matters[0].label
    rows: dict[str, Any] = {
        "code": done,
        "result": [bad if n % 7 == 3 else good for n in range(len(done))],
        "inspected_on": [max(plan.starts_on, scene.ago(24 - n % 18)) for n in range(len(done))],
        "findings": ["自行监测台账不完整，已责令限期改正。" if n % 7 == 3 else "" for n in range(len(done))],
        "matters": [[matter]] * len(done),
    }
    enter_results(scene.actor(inspector(ECOLOGY)), plan, pl.DataFrame(rows, schema_overrides={"inspected_on": pl.Date}))


def _announced(scene: Scene) -> Iterator[Event]:
    """Announced with its commitment, not drawn yet."""
    from chengxin.supervision.inspection import actions

    def plan() -> None:
        from chengxin.cli.demo.people import names

        for number, name in enumerate(names(80)[-6:], 1):
            actions.register_inspector(scene.actor(reporter(EMERGENCY)), EMERGENCY, f"321{number:05d}", name)
        first, last = max(date(scene.today.year, 1, 1), scene.ago(1)), date(scene.today.year, 12, 31)
        title = f"{scene.today.year}年岁末安全生产双随机检查"
        actions.plan(scene.actor(reporter(EMERGENCY)), EMERGENCY, title, first, last)

    yield Event("plan-announced", scene.ago(1), plan, hour=14)


def _answered(scene: Scene) -> Iterator[Event]:
    """Implementing bodies have answered some measures, and seen some alerts."""
    yield Event("measures-answered", scene.ago(2), lambda: _respond(scene), hour=16)


def _respond(scene: Scene) -> None:
    from chengxin.accounts.models import Organisation
    from chengxin.supervision.alerts.actions import acknowledge
    from chengxin.supervision.measures.actions import Checks, respond
    from chengxin.supervision.models import AlertCopy, Enforcement

    known = set(Organisation.objects.filter(kind="source").values_list("pk", flat=True))
    waiting = Enforcement.objects.filter(ended_on=None, response="", agency__in=known).order_by("pk")
    for number, row in enumerate(waiting[:6]):
        who = scene.actor(reporter(row.agency))
        if number % 3 == 2:
            respond(who, row, "not-applicable", Checks(False, False, False), "该单位没有正在办理的相关事项。")
        else:
            respond(who, row, "accepted", Checks(True, True, True), "已列为重点检查对象，提高抽查频次。")
    for copy in AlertCopy.objects.filter(to__in=known, seen_on=None).order_by("pk")[:3]:
        acknowledge(scene.actor(reporter(copy.to)), copy)
