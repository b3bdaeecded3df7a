"""A kept page is never older than what it shows: each thing that a profile depends on changes the very next answer (S-11).

Every test asks twice before the change, so that the page is kept, and looks at what is kept; a page drawn in another process
is found by the same mark, which the last test shows by a memory of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.evaluation.models import CurrentGrade
from chengxin.evaluation.public import public_grades
from chengxin.policy.evaluation import models
from chengxin.portal import remembering
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.supervision.lists.queries import lists_on
from chengxin.supervision.models import Listing, ListingState

from ..registry.staged import row, send
from . import shelf
from .conftest import CODE, Shelf

pytestmark = pytest.mark.once
WHY = Because("test", "测试")
PAGE = f"/subjects/{CODE}"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[remembering.Kept]:
    kept = remembering.Kept()
    monkeypatch.setattr(remembering, "KEPT", kept)
    yield kept


@pytest.fixture
def kept(client: Client, filled: Shelf, memory: remembering.Kept, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A visitor whose second answer came from memory."""
    first = client.get(PAGE)
    with monkeypatch.context() as patched:
        patched.setattr("chengxin.portal.profile.render", None)  # drawing again would fail
        again = client.get(PAGE)
    assert (again.content, again["ETag"], again["Content-Type"]) == (
        first.content,
        first["ETag"],
        first["Content-Type"],
    )
    assert "苏环罚〔2026〕1号" in again.content.decode()
    return client


def change(verb: str) -> Callable[[], object]:
    return lambda: change_standing(Record.objects.get(key="苏环罚〔2026〕1号").pk, verb, WHY)


@pytest.mark.parametrize(
    ("what", "how", "seen"),
    [
        ("repaired", change("repair"), False), ("withdrawn", change("withdraw"), False),
        ("shielded", change("shield"), False), ("disputed", change("dispute"), True),
    ],
)  # fmt: skip
def test_a_record_that_changed_its_standing(kept: Client, what: str, how: Callable[[], object], seen: bool) -> None:
    how()
    html = kept.get(PAGE).content.decode()
    assert ("苏环罚〔2026〕1号" in html) is seen, what
    assert ("异议处理中" in html) is seen


def test_what_a_source_unit_sends_anew(kept: Client) -> None:
    send(row(1, CODE, "苏州云岭精密机械有限公司", "苏环罚〔2026〕500号"))
    assert "苏环罚〔2026〕500号" in kept.get(PAGE).content.decode()


def test_a_registration_that_changes_the_name(kept: Client) -> None:
    send(row(1, CODE, "苏州云岭重工有限公司", CODE), item="registration", source="market-regulation", batch=3)
    html = kept.get(PAGE).content.decode()
    assert '<h1 lang="zh-Hans">苏州云岭重工有限公司</h1>' in html and "苏州云岭精密机械有限公司" in html


def test_the_end_of_publicity_comes_with_the_day_alone(kept: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Record.objects.get(key="苏环罚〔2026〕1号").public_until
    assert isinstance(last, date)
    for day, seen in ((last, True), (last + timedelta(days=1), False)):
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_a, day=day, **_k: day)
        assert ("苏环罚〔2026〕1号" in kept.get(PAGE).content.decode()) is seen


def test_an_entry_of_a_list_comes_is_prolonged_and_ends(kept: Client, filled: Shelf) -> None:
    today = timezone.localdate()
    name, rules = next((i, v) for i, v in lists_on(today).items() if v.list.public and v.list.effect == "serious")
    entry = Listing.objects.create(
        list=name, list_version=rules.version, effect=rules.list.effect, department=rules.list.department,
        subject=filled.firm, reason="测试", proposed_on=today, listed_on=today, published_on=today,
        expires_on=today + timedelta(days=100), state=ListingState.LISTED,
    )  # fmt: skip
    heading = rules.list.label
    assert f">{heading}</a></h3>" in kept.get(PAGE).content.decode()
    later = today + timedelta(days=200)
    Listing.objects.filter(pk=entry.pk).update(expires_on=later)
    assert f"{later.year}年{later.month}月{later.day}日" in kept.get(PAGE).content.decode()
    Listing.objects.filter(pk=entry.pk).update(ended_on=today)
    assert f">{heading}</a></h3>" not in kept.get(PAGE).content.decode()


def test_a_grade_that_comes_and_changes(kept: Client, filled: Shelf) -> None:
    day = timezone.localdate()
    model = next(m for m in models(policies(), day) if m.publication.audience == "public" and not m.draft)
    one, other = model.grades[0], model.grades[-1]
    grade = CurrentGrade.objects.create(
        model=model.id, subject=filled.firm, entry=1, grade=one.id, rank=0, score=1, since=day, digest=""
    )
    assert public_grades(filled.firm, day)
    assert model.label in kept.get(PAGE).content.decode()
    before = kept.get(PAGE)["ETag"]
    CurrentGrade.objects.filter(pk=grade.pk).update(grade=other.id)
    assert kept.get(PAGE)["ETag"] != before
    assert other.label in kept.get(PAGE).content.decode()


def test_other_packs_and_another_language(kept: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert '<html lang="en"' in kept.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    before = kept.get(PAGE)["ETag"]
    changed = copy.copy(policies())
    object.__setattr__(changed, "digest", "other packs")
    monkeypatch.setattr("chengxin.portal.profile.policies", lambda: changed)
    assert kept.get(PAGE)["ETag"] != before


def test_the_twin_and_another_address_are_other_pages(kept: Client) -> None:
    assert kept.get(f"{PAGE}.json")["Content-Type"] == "application/json"
    assert f'value="{PAGE}?a=1"' in kept.get(f"{PAGE}?a=1").content.decode(), "the switch of languages leads back here"


def test_people_who_are_somebody_get_pages_drawn_for_them(kept: Client, memory: remembering.Kept) -> None:
    kept.force_login(make_user("wanglan", "wanglan", None, []))
    html = kept.get(PAGE).content.decode()
    assert "wanglan" in html
    assert "wanglan" not in Client().get(PAGE).content.decode()


def test_the_memory_has_an_end(client: Client, filled: Shelf, memory: remembering.Kept, settings: Any) -> None:
    for n in range(12):
        shelf.subject(f"苏州云岭{n:02d}食品有限公司", f"T{n:017d}", found=False)
    settings.PAGE_MEMORY = 12_000
    for subject in Subject.objects.exclude(kind="natural_person"):
        assert client.get(f"/subjects/{subject.code}").status_code == 200
    assert 1 <= len(memory._pages) < 12
    assert sum(len(packed) for _, packed in memory._pages.values()) == memory._bytes <= 12_000
    settings.PAGE_MEMORY = 0
    memory.clear()
    client.get(PAGE)
    assert not memory._pages
