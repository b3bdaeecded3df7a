"""Something of every kind that the platform keeps, about subjects of the ecology bureau, made once for tests that ask every
door: who is let in (tests/matrix), who leaves a look (test_seen.py), what a page costs (tests/portal/test_budgets.py)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import operator
from chengxin.accounts.models import ApiKey, Authorisation, Membership, Role, User
from chengxin.audit.models import Event
from chengxin.cases import actions
from chengxin.cases.actions import Opening
from chengxin.cases.models import Sample
from chengxin.collection import bulletin
from chengxin.collection.models import Reminder
from chengxin.evaluation.models import Simulation, Waiting
from chengxin.policy.evaluation import model_of
from chengxin.registry import evidence
from chengxin.registry.authorising import Grant, grant
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.reports.models import Order, OrderLine, Report
from chengxin.supervision.models import (
    Alert,
    AlertCopy,
    Enforcement,
    Inspector,
    ListingStep,
    MeasureUse,
    Task,
    TaskPhoto,
)

from ..cases import world as w
from . import bureau as b
from . import case_desk as cd
from .desk import ECOLOGY
from .test_department import planned, posted, proposed

MONTH = f"{b.TODAY:%Y-%m}"


class Things:
    """What there is. `people` are browsers of at least the bureau's `reporter` and `auditor`, and `inspector` is a person of
    it; the polluters of `bureau` are graded. `whom` is the number of the polluter that most things are about, `entry` that of
    the one with a proposed listing."""

    def __init__(self, people: dict[str, Client], whom: int = 1, entry: int = 10) -> None:
        self.people = people
        self.one, self.name = b.code(whom), b.name(whom)
        self.subject = Subject.objects.get(code=self.one)
        self.entry = proposed(self.people, entry).rsplit("/", 1)[1]
        self._supervised()
        self._cased()
        self._simulated()
        self._reported()

    def _supervised(self) -> None:
        entry = int(self.entry.removeprefix("L"))
        self.served = ListingStep.objects.create(
            listing_id=entry, kind="exit-decision", actor="x", on=b.TODAY, outcome="stay", document="9号"
        ).pk
        shared: dict[str, Any] = {"measure": "none", "version": "1", "agency": ECOLOGY, "subject": self.subject}
        self.measure = Enforcement.objects.create(cause="listing:1", since=b.TODAY, **shared).pk
        MeasureUse.objects.create(matter="x", detail="x", actor="x", on=b.TODAY, **shared)
        alert = Alert.objects.create(
            rule="three-penalties", version="1", subject=self.subject, whom=self.one, cause="test", text="三次处罚",
            text_en="Three penalties", found_on=b.TODAY,
        )  # fmt: skip
        self.alert = AlertCopy.objects.create(alert=alert, receiver="department", to=ECOLOGY).pk
        self.plan = planned(self.people).rsplit("/", 1)[1]
        posted(self.people["reporter"], f"/inspections/{self.plan}/draw", beacon="3D: 4 7 1")
        self.task = next(t for t in Task.objects.order_by("pk") if "E00" in t.inspectors)
        self.task_pk, self.drawn = self.task.pk, self.task.code
        kept = evidence.keep(io.BytesIO(b"\xff\xd8\xff"))
        self.photo = TaskPhoto.objects.create(
            task=self.task, sha256=kept.sha256, size=kept.size, width=4, height=3, added_by="x"
        ).pk
        self.inspector = Inspector.objects.earliest("pk").pk
        model = model_of(policies(), b.MODEL, b.TODAY)
        self.step = model.verification[0].id
        Waiting.objects.create(
            model=b.MODEL, subject=self.subject, entry=1, version=model.version, grade="yellow", rank=1, score=1, step=self.step,
            since=b.TODAY, actor="x",
        )  # fmt: skip

    def _cased(self) -> None:
        make_user("drafter", "起草人", None, [(ECOLOGY, Role.REPORTER)])
        form = {"facts": "在线监测设备停运", "demand": "恢复", "term": (b.TODAY + timedelta(days=9)).isoformat()}
        given = Opening("rectification", None, self.one, ECOLOGY, form, (w.upload("order"),))
        self.case = actions.open_case(cd.actor("drafter"), given)
        self.number = self.case.number
        self.paper = self.case.attachments.get().pk
        actions.act(cd.actor("auditor"), self.case.number, "order", reason="违反第二十三条")
        told = self.case.letters.get()
        self.letter, self.letter_pk = told.number, told.pk
        Sample.objects.create(case=self.case, drawn_on=b.TODAY, drawn_by="x")
        self.record = Record.objects.get(subject=self.subject, item="penalty").pk

    def _simulated(self) -> None:
        form = self.people["reporter"].get(f"/workbench/models/{b.MODEL}/simulate").content.decode()
        numbers = dict(re.findall(r'name="([\w.]+)" value="(-?[\d.]+)"', form))
        key = next(k for k, v in numbers.items() if k.endswith(".points") and v == "-4")
        posted(self.people["reporter"], f"/models/{b.MODEL}/simulate", **{**numbers, key: "-2"})
        self.simulation = Simulation.objects.get().pk

    def _reported(self) -> None:
        made = self.reported("XYBG1", asked_as="duty", issued_by="inspector")
        self.report = made.number
        order = Order.objects.create(
            template="full", purpose="x", ordered_by="steward", ordered_at=timezone.now(), total=2, done=1, failed=1,
            finished_at=timezone.now(),
        )  # fmt: skip
        OrderLine.objects.create(order=order, place=1, subject_code=self.one, report=made)
        OrderLine.objects.create(order=order, place=2, subject_code=self.one, problem="x")
        self.order = order.pk

    def reported(self, number: str, **more: Any) -> Report:
        """A report on the subject that somebody has taken."""
        return Report.objects.create(
            number=number, code="x", template="full", template_version="1", subject_code=self.one, day=b.TODAY,
            valid_until=b.TODAY, choices="x", issued_at=timezone.now(), feed_position=0, snapshot="{}", seal="{}",
            pdf_sha256=evidence.keep(io.BytesIO(b"%PDF-1.7")).sha256, **more,
        )  # fmt: skip


class Everything(Things):
    """And what there is of the centre, of the bank and of the subject itself. `people` must be the cast of the matrix; a listing
    is proposed of one subject and told to the one that the rest is about, who has not answered yet."""

    def __init__(self, people: dict[str, Client], whom: int = 10, entry: int = 11) -> None:
        super().__init__(people, whom, entry)
        told = proposed(people, whom)
        posted(
            people["reporter"],
            f"{told}/act/next",
            on=b.TODAY.isoformat(),
            text="事实清楚",
            document="苏环告〔2026〕1号",
        )
        self.told = told.rsplit("/", 1)[1]
        self.notice = ListingStep.objects.get(
            listing_id=int(self.told.removeprefix("L")), document="苏环告〔2026〕1号"
        ).pk
        self._written()
        self._asked_of_units()
        self._shared()

    def _written(self) -> None:
        """A text that waits for the second person, and one that is out."""
        form = {"column": "通知公告", "title": "停机通知", "body": "周六停机。"}
        make_user("writer", "撰稿人", None, [("centre", Role.PUBLISHER)])
        self.text = cd.opened("publication", "writer", form=form).pk
        out = cd.opened("publication", "writer", form=form)
        actions.act(cd.actor("publisher"), out.number, "publish")
        self.news = out.publication.pk

    def _asked_of_units(self) -> None:
        self.reminder = Reminder.objects.create(
            month=MONTH, source_id=ECOLOGY, item="penalty", defect="intake", reason="入库率低", level="remind",
            asked_by="x", answer_by=b.TODAY + timedelta(days=9),
        ).pk  # fmt: skip
        bulletin.prepare(operator("x"), MONTH)

    def _shared(self) -> None:
        """What the subject has let others see and do."""
        self.leave = self._granted().number
        self.granted = self.reported(
            "XYBG2",
            asked_as="grantee",
            issued_by="bank-officer",
            authorisation=self._granted().number,
            purpose="贷款审查",
        ).number
        self.mandate = Membership.objects.get(user__username="agent").pk
        self.event = Event.objects.latest("pk").pk

    def _granted(self) -> Authorisation:
        said = Grant("bank", "贷款审查", b.TODAY, b.TODAY + timedelta(days=30), proof=b"signed")
        return grant(cd.actor("representative"), self.subject, said)

    def places(self) -> dict[str, object]:
        """What stands in the places of addresses: by the place's name, or `beginning of the route#name`."""
        person = User.objects.get(username="inspector")
        key = ApiKey.objects.get(label="key-other-scope")
        wb, api, my = "workbench", "api/v1", "my/<code>"
        return {
            "code": self.one, "item": "penalty", "model": b.MODEL, "id": b.MODEL, "month": MONTH, "unit": ECOLOGY,
            "procedure": "objection", "template": "full", "part": "questions", "record": self.record,
            "file": "national/codes/regions.toml",
            f"{wb}/bulletins/#month": MONTH, f"{wb}/quality/reminders/#pk": self.reminder, f"{wb}/content/#pk": self.text,
            f"{wb}/content/#step": "publish", f"{wb}/audit/#pk": self.event, f"{wb}/simulations/#pk": self.simulation,
            f"{wb}/simulations/#name": "moves.csv", f"{wb}/inspections/#number": self.plan,
            f"{wb}/inspections/inspectors/#pk": self.inspector, f"{wb}/inspections/tasks/#pk": self.task_pk,
            f"{wb}/listings/#number": self.entry, f"{wb}/listings/#key": "next", f"{wb}/listings/#step": self.served,
            f"{wb}/lists/#id": b.LIST, f"{wb}/lists/<str:id>/propose?": f"code={self.one}",
            f"{wb}/measures/#pk": self.measure, f"{wb}/cases/#number": self.number, f"{wb}/cases/#step": "extend",
            f"{wb}/cases/#attachment": self.paper, f"{wb}/cases/#letter": self.letter,
            f"{wb}/cases/new/#procedure": "source-objection", f"{wb}/cases/new/<slug:procedure>?": f"record={self.record}",
            f"{wb}/reports/#number": self.granted, f"{wb}/reports/#authorisation": self.leave,
            f"{wb}/inspections/tasks/#photo": self.photo, f"{wb}/report-orders/#pk": self.order,
            f"{wb}/report-orders/#place": 1, f"{api}/report-orders/#id": self.order,
            f"{api}/plans/<number>/tasks/#code": self.drawn, f"{api}/plans/<number>/tasks/#id": self.photo,
            f"{wb}/people/#pk": person.pk, f"{wb}/people/#held": person.memberships.get().pk, f"{wb}/keys/#pk": key.pk,
            f"{wb}/models/<str:id>/verification?": f"step={self.step}",
            f"{my}/cases/#number": self.number, f"{my}/cases/#step": "report", f"{my}/cases/#attachment": self.paper,
            f"{my}/cases/#letter": self.letter_pk, f"{my}/lists/#entry": self.told.removeprefix("L"),
            f"{my}/lists/#step": self.notice, f"{my}/grades/<slug:model>/review#model": "taxation",
            f"{my}/reports/#number": self.report,
            f"{my}/authorisations/#number": self.leave, f"{my}/mandates/#held": self.mandate,
            f"{my}/apply/<slug:procedure>?": f"record={self.record}",
            f"{api}/alerts/#id": self.alert, f"{api}/authorisations/#number": self.leave, f"{api}/cases/#number": self.number,
            f"{api}/cases/#attachment": self.paper, f"{api}/cases/#letter": self.letter, f"{api}/cases/#material": "report",
            f"{api}/cases/#step": "extend", f"{api}/entries/#number": self.entry, f"{api}/entries/#kind": "notice",
            f"{api}/own/entries/#number": self.told, f"{api}/own/entries/#letter": self.notice,
            f"{api}/own/mandates/#held": self.mandate, f"{api}/keys/#prefix": key.prefix,
            f"{api}/measures/#id": self.measure, f"{api}/people/#username": person.username,
            f"{api}/plans/#number": self.plan, f"{api}/inspections/#number": self.plan, f"{api}/reports/#number": self.report,
            f"{api}/reminders/#id": self.reminder, f"{api}/bulletins/#form": "pdf", f"{api}/codes/#table": "regions",
            "news/#pk": self.news, "inspections/#number": self.plan, "lists/#name": b.LIST,
            "verify/programs/#name": "verify_report",
        }  # fmt: skip


def address(route: str, places: Mapping[str, object]) -> str:
    """The route with its places filled in: what is said of the longest beginning of it counts, else what is said of the name;
    a place of which nothing is said becomes that of nothing. `route?` is the query that goes with it."""

    def fill(place: re.Match[str]) -> str:
        kind, _, name = place[1].rpartition(":")
        said = [k for k in places if k.endswith(f"#{name}") and route.startswith(k[: -len(name) - 1])]
        found = places[max(said, key=len)] if said else places.get(name, "1" if kind == "int" else "x")
        return quote(str(found))

    query = f"?{places[f'{route}?']}" if f"{route}?" in places else ""
    return "/" + re.sub(r"<([^>]+)>", fill, route) + query
