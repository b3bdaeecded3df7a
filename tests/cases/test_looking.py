"""Seeing a case, or its line in a queue, is a look that its subject sees: once it may know of the case (G-09, G-10, R-093)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.models import Organisation
from chengxin.audit.models import Look
from chengxin.cases import actions, looking, queries
from chengxin.cases.models import Case
from chengxin.policy.queries import Queries
from chengxin.registry.packs import policies

from . import world as w
from .test_walks import FORMS

TODAY = timezone.localdate()
FORM = {"facts": "在线监测设备停运", "demand": "十日内恢复", "term": (TODAY + timedelta(days=9)).isoformat()}


def drafted() -> Case:
    """An order that is drafted and not decided: internal, its subject is told nothing yet."""
    files = (w.upload("order"),)
    return w.opened("rectification", w.REPORTER, on=TODAY, subject=w.YUNLING, source=w.SOURCE, form=FORM, files=files)


def shown(day: Any = None) -> list[tuple[str, str]]:
    """Who looked, and for which case, as the subject sees it."""
    return [(row.actor, row.case) for row in looking.looks_at(w.YUNLING, day).order_by("pk")]


def queue(actor: Any) -> None:
    looking.note_lines(actor, queries.visible(actor).select_related("record__subject").order_by("pk"))


@pytest.mark.parametrize(("step", "state"), [("order", "ordered"), ("drop", "dropped")])
def test_a_look_at_a_draft_is_on_record_at_once_and_shown_when_the_draft_is_decided(
    store: object, step: str, state: str
) -> None:
    """Whoever reads a draft would else tell its subject of it; decided or dropped, the look is there for it to see."""
    w.settle()
    case = drafted()
    queue(w.AUDITOR)
    looking.note(w.AUDITOR, case)
    assert Look.objects.filter(subject=w.YUNLING, actor=w.AUDITOR.name).count() == 2, "on record at once"
    assert shown() == []
    done = actions.act(w.AUDITOR, case.number, step, reason="违反第二十三条", on=TODAY)
    assert done.state == state
    assert shown() == [(w.AUDITOR.name, case.number)] * 2


def test_a_draft_that_is_never_decided_hides_no_look_longer_than_the_packs_allow(store: object) -> None:
    w.settle()
    case = drafted()
    looking.note(w.AUDITOR, case)
    term = next(q.withholding.days for q in policies().of(Queries) if q.withholding)
    assert shown(TODAY + timedelta(days=term - 1)) == []
    assert shown(TODAY + timedelta(days=term)) == [(w.AUDITOR.name, case.number)]


def test_packs_that_allow_no_keeping_back_show_every_look_at_once(
    store: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Openness is what holds where no rule with a basis says otherwise."""
    w.settle()
    case = drafted()
    looking.note(w.AUDITOR, case)
    told = policies().of(Queries)
    silent = [q.model_copy(update={"withholding": None}) for q in told]
    monkeypatch.setattr("chengxin.registry.looks._packs", lambda _day: silent)
    assert shown() == [(w.AUDITOR.name, case.number)]


def test_only_looks_for_the_draft_are_kept_back(store: object) -> None:
    """What is seen for another case on the same day is shown as ever, also of the same subject."""
    record = w.settle()
    open_one = w.opened("source-objection", w.REPORTER, on=TODAY, record=record.pk, **_reason())
    draft = drafted()
    queue(w.AUDITOR)
    assert shown() == [(w.AUDITOR.name, open_one.number)]
    assert set(Look.objects.values_list("case", flat=True)) == {open_one.number, draft.number}


def test_a_line_of_a_queue_is_one_look_a_day_for_each_person_and_case(
    store: object, django_assert_num_queries: Callable[..., Any]
) -> None:
    """However often the queue is opened; whoever opened the case and the subject's own people are no strangers to it."""
    record = w.settle()
    first = w.opened("source-objection", w.REPORTER, on=TODAY, record=record.pk, **_reason())
    for _again in range(3):
        queue(w.AUDITOR)
    queue(w.STEWARD)
    queue(w.REPORTER)
    queue(w.BOSS)
    rows = list(Look.objects.order_by("pk").values_list("actor", "for_whom", "basis", "purpose", "fields"))
    told = ("查看办件列表", ["queue"])
    assert rows == [
        (w.AUDITOR.name, w.SOURCE, first.number, *told), (w.STEWARD.name, "centre", first.number, *told),
    ]  # fmt: skip
    Look.objects.all().delete()
    cases = list(Case.objects.select_related("record__subject")) * 40
    with django_assert_num_queries(4):  # a savepoint, what is known of today, one insert, its end
        looking.note_lines(w.AUDITOR, cases)


def test_a_line_about_nobody_leaves_nothing(store: object) -> None:
    Organisation.objects.update_or_create(id="centre", defaults={"name": "中心"})
    w.opened("publication", w.EDITOR, on=TODAY, form={"column": "通知公告", "title": "停机", "body": "周六停机。"})
    queue(w.PUBLISHER)
    assert not Look.objects.exists()


def _reason() -> dict[str, Any]:
    """What the source unit says when it asks that its own record be looked at."""
    told = {k: v for k, v in FORMS["source-objection"].items() if k not in ("finding", "used_for")}
    return {"form": told, "files": (w.upload("proof"),)}
