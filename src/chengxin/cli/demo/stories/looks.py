"""Who looked and on what ground, an authorisation for a bank, reports that were issued (F-08, G-09, G-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chengxin.cli.demo.people import BANK, OFFICER, OTHER_STEWARD, REPRESENTATIVE, inspector
from chengxin.cli.demo.stories import PAPER, Event, Scene

MARKET = "market-regulation"
_LOAN = "流动资金贷款授信审查"


def events(scene: Scene) -> Iterator[Event]:
    """An authorisation and the looks on it, looks by duty, one that was refused, and reports."""
    yield Event("granted", scene.ago(16), lambda: _grant(scene))
    yield Event("bank-looked", scene.ago(14), lambda: _look(
        scene, OFFICER, "authorised", _LOAN, scene.kept["leave"], BANK))  # fmt: skip
    yield Event("duty-looked", scene.ago(10), lambda: _look(
        scene, inspector(MARKET), "duty", "双随机抽查前核对企业情况", "inspection", MARKET))  # fmt: skip
    yield Event("bank-refused", scene.ago(8), lambda: _look(scene, OFFICER, "authorised", "营销客户筛选", "SQ无", BANK))
    yield Event("self-looked", scene.ago(2), lambda: _look(scene, REPRESENTATIVE, "self", ""))
    yield Event("reported-full", scene.ago(15), lambda: _issue(scene, REPRESENTATIVE, "full"))
    yield Event("reported-certificate", scene.ago(5), lambda: _issue(scene, REPRESENTATIVE, "certificate"))
    yield Event("reported-duty", scene.ago(3), lambda: _issue(
        scene, inspector(MARKET), "concise", "食品经营许可延续审查"))  # fmt: skip
    yield Event("ordered", scene.ago(2), lambda: _order(scene))


def _grant(scene: Scene) -> None:
    """The representative lets the bank look for a term, at what the loan needs."""
    from chengxin.registry.authorising import Grant, grant
    from chengxin.registry.queries import find_subject

    subject = find_subject(scene.code)
    assert subject is not None
    start = scene.ago(16)
    what = Grant(BANK, _LOAN, start, start + timedelta(days=90), items=("penalty", "licence", "contract", "judgment-defaulter"),
                 proof=PAPER)  # fmt: skip
    scene.kept["leave"] = grant(scene.actor(REPRESENTATIVE), subject, what).number


def _look(scene: Scene, who: str, audience: str, purpose: str, basis: str = "", unit: str = "") -> None:
    """A look; one without a basis leaves its refusal, which the subject sees as well."""
    import contextlib

    from chengxin.registry.disclosure import Audience
    from chengxin.registry.looks import Ask, NoBasis, look
    from chengxin.registry.queries import find_subject

    subject = find_subject(scene.code)
    assert subject is not None
    with contextlib.suppress(NoBasis):
        look(scene.actor(who), subject, Ask(Audience(audience), purpose, basis, unit))


def _issue(scene: Scene, who: str, template: str, purpose: str = "") -> None:
    from chengxin.reports.actions import issue
    from chengxin.reports.asking import Request

    made = issue(scene.actor(who), Request(template, (scene.code,), purpose=purpose))
    scene.kept[f"report-{template}"] = made.number


def _order(scene: Scene) -> None:
    """A batch of concise reports for a campaign of the centre."""
    from chengxin.registry.models import Subject
    from chengxin.reports.actions import order
    from chengxin.reports.jobs import work_off

    known = Subject.objects.filter(provisional=False, kind="organisation").order_by("pk")
    codes = list(known.values_list("code", flat=True)[40:44])
    actor = scene.actor(OTHER_STEWARD)
    work_off(order(actor, "concise", codes, purpose="信用示范街区建设").pk, actor)
