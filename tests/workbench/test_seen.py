"""Who looks is seen: every door of the staff behind which something stands that is not public of a subject leaves a look
(R-093, G-09, G-10). A new route has to be written down here, on one side or the other, or this fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from chengxin.accounts.actions import make_user
from chengxin.accounts.guards import PUBLIC
from chengxin.accounts.models import Organisation, Role
from chengxin.audit.models import Look
from chengxin.cases import actions
from chengxin.cases.actions import Opening
from chengxin.collection.models import State
from chengxin.evaluation import looking
from chengxin.own.lookbook import lines
from chengxin.registry.models import Record

from ..api.world import batch as make_batch
from ..cases import world as w
from ..registry.staged import row, send
from ..test_routes import TABLE
from . import bureau as b
from . import case_desk as cd
from .desk import ECOLOGY
from .things import Things

pytestmark = pytest.mark.once
Door = tuple[str, Callable[["World"], str], Callable[["World"], str]]
OURS = re.compile(r"(workbench|api/v1)(/|$)")


class World(Things):
    """The things, a doubt, and whoever works with them."""

    def __init__(self) -> None:
        people = b.settle()
        for name, roles in {
            "first": [("centre", Role.FIRST_REVIEWER)], "system": [("centre", Role.OPERATOR)],
            "security": [("centre", Role.SECURITY)], "audit": [("centre", Role.AUDIT)],
        }.items():  # fmt: skip
            people[name] = Client()
            people[name].force_login(make_user(name, name, None, roles))
        super().__init__(people)
        self.draft = self.drafted()
        made = make_batch(State.CHECKED)
        self.batch = made.number
        send(row(1, self.one, self.name, "另一份", held=1), batch=made.pk)
        self.doubt = Record.objects.get(held=True).pk

    def drafted(self) -> str:
        """An order about the first polluter that the department's auditor has to decide."""
        form = {"facts": "在线监测设备停运", "demand": "恢复", "term": (b.TODAY + timedelta(days=9)).isoformat()}
        given = Opening("rectification", None, self.one, ECOLOGY, form, (w.upload("order"),))
        return actions.open_case(cd.actor("drafter"), given).number

    def told(self, who: str, path: str) -> Any:
        return self.people[who].get("/" + path)


def first(world: World) -> str:
    return world.one


def tenth(_world: World) -> str:
    return b.code(10)


def drawn(world: World) -> str:
    return world.task.code


def door(who: str, path: str, about: Callable[[World], str] = first) -> Door:
    """Who opens it, where it is with `{names}` of the world in it, and whom it shows."""
    return who, lambda world: path.format(**{k: quote(str(v)) for k, v in vars(world).items()}), about


WB, API = "workbench", "api/v1"
LOOKS: dict[str, Door] = {
    WB: door("auditor", WB),
    f"{WB}/cases": door("steward", f"{WB}/cases?which=waiting"),
    f"{API}/cases": door("steward", f"{API}/cases"),
    f"{WB}/doubts": door("reporter", f"{WB}/doubts"),
    f"{WB}/doubts/sheet.csv": door("auditor", f"{WB}/doubts/sheet.csv"),
    f"{WB}/doubts/sheet.xlsx": door("auditor", f"{WB}/doubts/sheet.xlsx"),
    f"{API}/doubts": door("auditor", f"{API}/doubts"),
    f"{API}/doubts/<id>": door("auditor", f"{API}/doubts/{{doubt}}"),
    f"{WB}/doubts/<int:pk>": door("reporter", f"{WB}/doubts/{{doubt}}"),
    f"{WB}/report-orders/<int:pk>": door("steward", f"{WB}/report-orders/{{order}}"),
    f"{WB}/report-orders/<int:pk>/reports.zip": door("steward", f"{WB}/report-orders/{{order}}/reports.zip"),
    f"{WB}/report-orders/<int:pk>/<int:place>.pdf": door("steward", f"{WB}/report-orders/{{order}}/1.pdf"),
    f"{API}/report-orders/<id>/reports": door("steward", f"{API}/report-orders/{{order}}/reports"),
    f"{API}/report-orders/<id>": door("steward", f"{API}/report-orders/{{order}}"),
    f"{WB}/subjects": door("reporter", f"{WB}/subjects"),
    f"{WB}/subjects.csv": door("inspector", f"{WB}/subjects.csv"),
    f"{WB}/subjects/<str:code>": door("reporter", f"{WB}/subjects/{{one}}"),
    f"{WB}/subjects/<str:code>/why/<str:model>": door("reporter", f"{WB}/subjects/{{one}}/why/{b.MODEL}"),
    f"{WB}/models/<str:id>/verification": door("reporter", f"{WB}/models/{b.MODEL}/verification?step={{step}}"),
    f"{WB}/simulations/<int:pk>": door("auditor", f"{WB}/simulations/{{simulation}}"),
    f"{WB}/simulations/<int:pk>/<str:name>": door("auditor", f"{WB}/simulations/{{simulation}}/moves.csv"),
    f"{WB}/inspections/tasks": door("inspector", f"{WB}/inspections/tasks", drawn),
    f"{WB}/inspections/tasks/<int:pk>": door("inspector", f"{WB}/inspections/tasks/{{task_pk}}", drawn),
    f"{WB}/inspections/tasks/<int:pk>/photos": door("auditor", f"{WB}/inspections/tasks/{{task_pk}}/photos", drawn),
    f"{WB}/inspections/tasks/<int:pk>/photos/<int:photo>.jpg": door(
        "auditor", f"{WB}/inspections/tasks/{{task_pk}}/photos/{{photo}}.jpg", drawn
    ),
    f"{API}/plans/<number>/tasks/<code>/photos": door("auditor", f"{API}/plans/{{plan}}/tasks/{{drawn}}/photos", drawn),
    f"{API}/plans/<number>/tasks/<code>/photos/<id>": door(
        "auditor", f"{API}/plans/{{plan}}/tasks/{{drawn}}/photos/{{photo}}", drawn
    ),
    f"{WB}/inspections/<str:number>": door("auditor", f"{WB}/inspections/{{plan}}", drawn),
    f"{WB}/inspections/<str:number>/verify": door("auditor", f"{WB}/inspections/{{plan}}/verify", drawn),
    f"{WB}/listings": door("auditor", f"{WB}/listings", tenth),
    f"{WB}/listings/<str:number>": door("auditor", f"{WB}/listings/{{entry}}", tenth),
    f"{WB}/listings/<str:number>/act/<str:key>": door("auditor", f"{WB}/listings/{{entry}}/act/next", tenth),
    f"{WB}/listings/<str:number>/letters/<int:step>": door(
        "auditor", f"{WB}/listings/{{entry}}/letters/{{served}}", tenth
    ),
    f"{WB}/lists/<str:id>": door(
        "auditor", f"{WB}/lists/{b.LIST}?criterion=serious-penalty", lambda _world: b.code(11)
    ),
    f"{WB}/lists/<str:id>/propose": door("reporter", f"{WB}/lists/{b.LIST}/propose?code={b.code(10)}", tenth),
    f"{WB}/measures": door("auditor", f"{WB}/measures"),
    f"{WB}/measures/<int:pk>": door("auditor", f"{WB}/measures/{{measure}}"),
    f"{WB}/effects": door("auditor", f"{WB}/effects"),
    f"{WB}/effects.csv": door("auditor", f"{WB}/effects.csv"),
    f"{WB}/alerts": door("auditor", f"{WB}/alerts"),
    f"{WB}/cases/new/<slug:procedure>": door("reporter", f"{WB}/cases/new/source-objection?record={{record}}"),
    f"{WB}/cases/samples/<str:number>": door("steward", f"{WB}/cases/samples/{{number}}"),
    f"{WB}/cases/<str:number>": door("steward", f"{WB}/cases/{{number}}"),
    f"{WB}/cases/<str:number>/steps/<slug:step>": door("auditor", f"{WB}/cases/{{number}}/steps/extend"),
    f"{WB}/cases/<str:number>/materials/<int:attachment>": door(
        "steward", f"{WB}/cases/{{number}}/materials/{{paper}}"
    ),
    f"{WB}/cases/<str:number>/letters/<str:letter>": door("steward", f"{WB}/cases/{{number}}/letters/{{letter}}"),
    f"{WB}/cases/<str:number>/materials": door("auditor", f"{WB}/cases/{{number}}/materials"),
    f"{API}/cases/<number>": door("steward", f"{API}/cases/{{number}}"),
    f"{API}/cases/<number>/materials/<attachment>/file": door(
        "steward", f"{API}/cases/{{number}}/materials/{{paper}}/file"
    ),
    f"{API}/cases/<number>/letters/<letter>/pdf": door("steward", f"{API}/cases/{{number}}/letters/{{letter}}/pdf"),
    f"{API}/records/<record>/repair": door("reporter", f"{API}/records/{{record}}/repair"),
    f"{API}/reports/<number>/pdf": door("steward", f"{API}/reports/{{report}}/pdf"),
    f"{API}/reports/<number>/json": door("inspector", f"{API}/reports/{{report}}/json"),
    f"{API}/subjects/<code>/grades/<model>": door("auditor", f"{API}/subjects/{{one}}/grades/{b.MODEL}"),
    f"{API}/models/<model>/waiting": door("auditor", f"{API}/models/{b.MODEL}/waiting"),
    f"{API}/entries": door("auditor", f"{API}/entries", tenth),
    f"{API}/entries/<number>": door("auditor", f"{API}/entries/{{entry}}", tenth),
    f"{API}/entries/<number>/letters/<letter>/pdf": door(
        "auditor", f"{API}/entries/{{entry}}/letters/{{served}}/pdf", tenth
    ),
    f"{API}/measures": door("auditor", f"{API}/measures"),
    f"{API}/measures/effects": door("auditor", f"{API}/measures/effects?month={b.TODAY:%Y-%m}"),
    f"{API}/alerts": door("auditor", f"{API}/alerts"),
    f"{API}/plans/<number>": door("auditor", f"{API}/plans/{{plan}}", drawn),
}
"""Doors that show what is not public of a subject: opening one is a look at the subject."""

SEALED = (
    "the result of a batch query: the look is what its sealing has told each subject (tests/cases/test_procedures.py)"
)
POSTED = "only forms are sent there; what they answer with is shown by the page they lead to"
RULES_ONLY = "rules, texts, units, people, keys or figures: it names no subject of the register"
OWN_ROWS = (
    "rows that the unit itself has submitted, as they lie in the file and before they are of the register (R-040)"
)
ASKS = "an empty form; the answer comes with what is sent, and leaves a look (test_looking.py)"
TRAIL = (
    "who did what: the auditor of the trail reads acts of people, by an event of its own, and nothing of the register"
)
ITSELF = "for the subject's own people and whoever issued it: lines about authorisations, looks and reports, no records"
GRANTED = (
    "whoever takes a report by authorisation: it leaves a look when it is made and fetched (test_granted_reports.py)"
)
NONE: dict[str, tuple[str, ...]] = {
    RULES_ONLY: (
        f"{WB}/submit", f"{WB}/batches", f"{WB}/batches/<int:pk>/progress", f"{API}/batches",
        f"{API}/batches/<number>", f"{WB}/doubts/sheet", f"{WB}/report-orders", f"{WB}/report-orders/new",
        f"{API}/report-orders", f"{WB}/quality", f"{WB}/quality/omissions", f"{WB}/quality/reminders",
        f"{WB}/quality/reminders/<int:pk>", f"{WB}/catalogue", f"{WB}/catalogue/<slug:item>", f"{WB}/bulletins",
        f"{WB}/bulletins/<str:month>.pdf", f"{WB}/bulletins/<str:month>.xlsx", f"{WB}/bulletins/<str:month>",
        f"{WB}/content", f"{WB}/content/new", f"{WB}/content/<int:pk>", f"{WB}/people", f"{WB}/people/new",
        f"{WB}/people/<int:pk>", f"{WB}/people/<int:pk>/grant", f"{WB}/people/<int:pk>/invite",
        f"{WB}/people/<int:pk>/suspend", f"{WB}/people/<int:pk>/resume", f"{WB}/people/<int:pk>/factor",
        f"{WB}/people/<int:pk>/sessions", f"{WB}/people/<int:pk>/roles/<int:held>/revoke",
        f"{WB}/people/<int:pk>/key", f"{WB}/keys",
        f"{WB}/keys/<int:pk>", f"{WB}/units", f"{WB}/units/new", f"{WB}/units/<slug:unit>",
        f"{WB}/units/<slug:unit>/edit", f"{WB}/policies", f"{WB}/policies/compare", f"{WB}/policies/assumptions",
        f"{WB}/policies/<path:file>", f"{WB}/running", f"{WB}/models", f"{WB}/models/<str:id>",
        f"{WB}/models/<str:id>/simulate", f"{WB}/inspections", f"{WB}/inspections/new",
        f"{WB}/inspections/inspectors", f"{WB}/inspections/inspectors/<int:pk>", f"{WB}/effects/new",
        f"{WB}/cases/new", f"{WB}/cases/figures", f"{WB}/cases/samples", f"{WB}/applicants", f"{API}/people",
        f"{API}/units", f"{API}/keys", f"{API}/quality", f"{API}/suspects", f"{API}/reminders",
        f"{API}/reminders/<id>", f"{API}/bulletins", f"{API}/bulletins/<month>", f"{API}/bulletins/<month>/file.<form>",
    ),
    OWN_ROWS: (
        f"{WB}/batches/<int:pk>", f"{WB}/batches/<int:pk>/mend", f"{WB}/batches/<int:pk>/receipt.csv",
        f"{WB}/batches/<int:pk>/receipt.xlsx", f"{API}/batches/<number>/receipt",
        f"{API}/batches/<number>/receipt.xlsx", f"{API}/batches/<number>/findings",
    ),
    ASKS: (f"{WB}/query", f"{WB}/check"),
    TRAIL: (
        f"{WB}/audit", f"{WB}/audit/looks", f"{WB}/audit/log", f"{WB}/audit/<int:pk>",
        f"{WB}/audit/<int:pk>/proof.json", f"{API}/events",
    ),
    GRANTED: (
        f"{WB}/reports", f"{WB}/reports/new/<str:authorisation>", f"{WB}/reports/<str:number>",
        f"{WB}/reports/<str:number>/pdf",
    ),
    ITSELF: (f"{API}/looks", f"{API}/authorisations", f"{API}/own/entries", f"{API}/own/mandates", f"{API}/reports",
             f"{API}/own/entries/<number>/letters/<letter>/pdf"),
    SEALED: (
        f"{WB}/cases/<str:number>/materials/<int:attachment>.csv",
        f"{WB}/cases/<str:number>/materials/<int:attachment>.xlsx",
        f"{API}/cases/<number>/materials/<attachment>/table.<form>",
    ),
    POSTED: (
        f"{WB}/batches/<int:pk>/release", f"{WB}/batches/<int:pk>/return", f"{WB}/batches/<int:pk>/withdraw",
        f"{WB}/bulletins/<str:month>/publish", f"{WB}/content/<int:pk>/<slug:step>", f"{WB}/keys/<int:pk>/revoke",
        f"{WB}/simulations/<int:pk>/again", f"{WB}/inspections/inspectors/<int:pk>/dismiss",
        f"{WB}/inspections/<str:number>/draw", f"{WB}/inspections/<str:number>/publish",
        f"{WB}/inspections/<str:number>/send", f"{WB}/measures/<int:pk>/respond", f"{WB}/measures/<int:pk>/lift",
        f"{WB}/alerts/seen", f"{WB}/cases/<str:number>/steps/<slug:step>/letter.pdf",
        f"{WB}/cases/<str:number>/sheet",
    ),
}  # fmt: skip
"""Doors that leave no look, by the reason. `RULES_ONLY` and `POSTED` are tried as well."""


def test_every_route_of_the_staff_says_whether_it_leaves_a_look() -> None:
    """A new route is written down above, with a door that proves its look or a reason why there is none."""
    guarded = {where for where, method, guard in TABLE if guard and guard.kind != PUBLIC and method == "GET"}
    known = [*LOOKS, *(where for routes in NONE.values() for where in routes)]
    assert sorted({where for where in guarded if OURS.match(where)} - {f"{API}/^.*$"}) == sorted(known)


@pytest.fixture
def world(store: object) -> World:
    made = World()
    b.give_reason(made.people["reporter"])
    b.give_reason(made.people["reporter"], 10)
    return made


def test_behind_every_door_with_data_of_a_subject_a_look_is_left(world: World) -> None:
    """G-10: by whoever opened it, for a unit, with a purpose and what was shown, in words that the subject reads."""
    without = []
    for where, (who, path, about) in LOOKS.items():
        Look.objects.all().delete()
        answer = world.told(who, path(world))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, (where, answer.status_code, content.decode(errors="replace")[-800:])
        left = Look.objects.filter(subject=about(world), actor=who, refused="", audience="duty")
        if not [x for x in left if x.purpose and x.basis and (x.fields or x.records)]:
            without.append((where, list(Look.objects.values_list("subject", "actor", "purpose"))))
        unreadable = [f for line in lines(left) for f in line["fields"] if re.fullmatch(r"[a-z_.-]+", f)]
        assert not unreadable, (where, unreadable)
    assert not without


def _address(where: str, world: World) -> str:
    known = {
        "item": "penalty", "slug:item": "penalty", "str:id": b.MODEL, "slug:unit": ECOLOGY, "str:month": f"{b.TODAY:%Y-%m}",
        "path:file": "national/codes", "int:pk": "1", "number": world.batch,
    }  # fmt: skip
    return re.sub(r"<([^>]+)>", lambda m: known.get(m[1], "1"), where)


def test_what_leaves_no_look_names_no_subject(world: World) -> None:
    """Nobody of the staff reads a subject's name or code where no look is left, and no form's address shows a page."""
    names = [b.code(n).encode() for n in range(1, 13)] + [b.name(n).encode() for n in range(1, 13)]
    told, opened = [], 0
    for where in (*NONE[RULES_ONLY], *NONE[POSTED]):
        for who in ("reporter", "auditor", "inspector", "steward", "first", "system", "security", "audit"):
            answer = world.told(who, _address(where, world))
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            opened += answer.status_code == 200
            if any(name in content for name in names) or (where in NONE[POSTED] and answer.status_code == 200):
                told.append((where, who, answer.status_code))
    assert not told
    assert opened > 100, "else this tries nothing"


def test_a_roster_tells_each_subject_once_a_day_by_whom_for_which_unit_and_what(world: World) -> None:
    """R-093: leafing back and forth is one row; taking the roster away is another, and so is the next person."""
    Look.objects.all().delete()
    for _again in range(3):
        world.told("reporter", f"{WB}/subjects")
    world.told("reporter", f"{WB}/subjects.csv")
    world.told("auditor", f"{WB}/subjects")
    rows = Look.objects.filter(subject=world.one).order_by("pk")
    assert [(x.actor, x.for_whom, x.purpose, x.basis, x.fields) for x in rows] == [
        ("reporter", ECOLOGY, looking.ROSTER, f"evaluation {b.MODEL}", ["grade", "score"]),
        ("reporter", ECOLOGY, looking.EXPORT, f"evaluation {b.MODEL}", ["grade", "score"]),
        ("auditor", ECOLOGY, looking.ROSTER, f"evaluation {b.MODEL}", ["grade", "score"]),
    ]
    assert Look.objects.count() == 3 * 12, "everybody on the page, and nobody else"
    [first_line, *_more] = lines(rows)
    assert first_line["what"] == "信用记录以外的情况" and first_line["fields"] == ["信用等级", "得分"]


def test_only_the_simulated_movers_are_told_and_a_table_of_sums_tells_nobody(world: World) -> None:
    Look.objects.all().delete()
    world.told("auditor", f"{WB}/simulations/{world.simulation}/grades.csv")
    assert not Look.objects.exists()
    world.told("auditor", f"{WB}/simulations/{world.simulation}/moves.csv")
    assert set(Look.objects.values_list("subject", flat=True)) == {b.code(n) for n in range(1, 10)}


def test_the_papers_of_a_case_are_named_in_the_look_and_its_own_people_leave_none(world: World) -> None:
    """G-10: which piece of evidence and which letter; whoever opened the case and the subject itself are no strangers."""
    Look.objects.all().delete()
    unit = Organisation.objects.create(id="polluter", name=world.name, code=world.one, kind="subject")
    boss = Client()
    boss.force_login(make_user("boss", "负责人", None, [(unit.pk, Role.REPRESENTATIVE)]))
    for path in (f"materials/{world.paper}", f"letters/{quote(world.letter)}"):
        for client in (world.people["steward"], boss):
            answer = client.get(f"/{WB}/cases/{quote(world.case.number)}/{path}")
            assert answer.status_code == 200
    assert list(Look.objects.order_by("pk").values_list("actor", "purpose", "for_whom", "basis")) == [
        ("steward", "责令整改和约谈：责令整改文书", "centre", world.case.number),
        ("steward", "责令整改和约谈：责令整改通知书", "centre", world.case.number),
    ]
