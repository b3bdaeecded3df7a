"""The demonstration's province: plausible, the same for the same seed, and its stories happen as they are told."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.utils import timezone

from chengxin.audit.keys import open_log
from chengxin.cli.demo import living, people
from chengxin.cli.demo.clock import at
from chengxin.cli.demo.stories import Scene, cases, looks, news
from chengxin.paths import policies_dir
from chengxin.policy import load
from chengxin.policy.policies import Policies
from chengxin.tools.generator.examples import story
from chengxin.tools.generator.penalties import penalties
from chengxin.tools.generator.province import Sent, _told, province
from chengxin.tools.generator.subjects import subjects

TODAY = date(2026, 11, 20)
SEED = 11


@pytest.fixture(scope="module")
def packs() -> Policies:
    return load(policies_dir())


@pytest.fixture(scope="module")
def sent(packs: Policies) -> list[Sent]:
    return province(2000, SEED, TODAY, packs, story())


def test_every_department_sends_only_what_it_may_and_never_before_its_item_is_in_force(
    sent: list[Sent], packs: Policies
) -> None:
    for one in sent:
        assert packs.agency(one.source).may_submit(one.item), one.name
        assert one.day <= TODAY and packs.item(one.item, one.day), one.name
    assert len({s.source for s in sent}) > 18 and len({s.item for s in sent}) > 35


def test_no_decision_lies_after_the_day_it_was_reported(sent: list[Sent]) -> None:
    for one in (s for s in sent if s.item == "penalty"):
        days = one.frame["处罚决定日期"].drop_nulls()
        assert days.filter(days > one.day.isoformat()).is_empty(), one.name


def test_two_files_of_a_department_never_share_a_document_number(sent: list[Sent]) -> None:
    for item, number, authority in (
        ("penalty", "行政处罚决定书文号", "处罚机关统一社会信用代码"),
        ("licence", "行政许可决定文书号", "许可机关统一社会信用代码"),
    ):
        frames = [s.frame.select(number, authority).unique() for s in sent if s.item == item]
        found = Counter(row for frame in frames for row in frame.drop_nulls().iter_rows())
        assert max(found.values()) == 1, found.most_common(3)


def test_the_same_seed_gives_the_same_province(sent: list[Sent], packs: Policies) -> None:
    again = province(2000, SEED, TODAY, packs, story())
    assert all(a.frame.equals(b.frame) and a.name == b.name for a, b in zip(sent, again, strict=True))


@pytest.fixture
def village(store: object, settings: Any, tmp_path: Path) -> Scene:
    """The story's subject with its penalties, some of others, and all the demo's people."""
    firm, today = story().row(0, named=True), timezone.localdate()
    open_log("tests")
    people.settle("demo-0123abcd")
    others = subjects(300, SEED, today)
    before = today - timedelta(days=150)
    files = [s for s in _told(story(), SEED, today) if s.item == "penalty"] + [
        Sent(f"other-{d}", "penalty", d, before, penalties(others, 40, SEED, before, department=d, style="labels"))
        for d in ("ecology-environment", "market-regulation")
    ]
    for number, one in enumerate(sorted(files, key=lambda s: s.day)):
        with at(one.day):
            living._send(one, tmp_path, f"sent-{number}")
    people.speak_for(firm["code"], firm["name"], firm["person"], "demo-0123abcd")
    return Scene(today, firm["code"], firm["name"])


@pytest.mark.once
@pytest.mark.slow
def test_the_stories_happen_and_end_as_they_are_told(village: Scene) -> None:
    """Objections, repairs with their receivers, looks and news, in every state that the demo promises."""
    from chengxin.audit.models import Look
    from chengxin.cases.models import Case, Delivery
    from chengxin.collection.models import Batch

    told = [*cases.events(village), *looks.events(village), *news.events(village)]
    told = [e for e in told if not e.name.startswith(("reported", "ordered"))]  # reports have tests of their own
    for event in sorted(told, key=lambda e: (e.day, e.hour)):
        with at(event.day, event.hour):
            event.run()
    states = Counter(Case.objects.exclude(procedure="publication").values_list("procedure", "state"))
    assert states[("repair", "repaired")] == states[("repair", "reviewed")] == states[("repair", "returned")] == 1
    assert states[("objection", "corrected")] == 1 and states[("objection", "verifying")] == 2
    assert Case.objects.filter(procedure="publication", state="published").count() == 6
    waiting = Delivery.objects.filter(acknowledged_on=None, case_number=village.kept["repair"])
    assert [d.receiver for d in waiting] == ["national-platform"], "two have confirmed, one is late"
    assert Look.objects.filter(subject=village.code).exclude(refused="").count() == 1
    assert Batch.objects.earliest("submitted_at").submitted_at.date() < village.today - timedelta(days=200)


def test_names_of_the_demos_people_stay_the_same() -> None:
    assert people.names(3) == people.names(50)[:3] and len(set(people.names(80))) > 70
    assert pl.Series(people.names(80)).str.len_chars().is_between(2, 3).all()
