"""What the command line lists of subjects is seen by them, as what pages and API list is (G-10, R-093)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from chengxin.audit.models import Look
from chengxin.cli.app import app
from chengxin.cli.common import system_user
from chengxin.registry.models import Subject
from chengxin.supervision.models import Alert, AlertCopy

from ..supervision.helpers import YUNLING, penalty, records, send

MODEL, LIST = "ecology-environment", "environmental-violators"
TODAY = timezone.localdate()
Run = Callable[..., object]


@pytest.fixture
def run(store: object) -> Run:
    """A polluter with a grade and the measures it has; and the commands."""

    def call(*arguments: str) -> object:
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    name = "苏州云岭精密机械有限公司"
    send(penalty(1, YUNLING, name, "苏环罚〔2026〕1号", severity="serious", decided_on=TODAY - timedelta(days=30)))
    call("evaluate", MODEL)
    call("alerts", "run")
    Look.objects.all().delete()
    return call


def looks() -> list[tuple[str, str, str]]:
    rows = Look.objects.filter(subject=YUNLING).order_by("pk").values_list("actor", "for_whom", "basis")
    return list(rows)


def test_every_list_of_subjects_leaves_one_look_a_day(run: Run, tmp_path: Path) -> None:
    me = system_user()
    assert [c["code"] for c in run("lists", "candidates", LIST, "--criterion", "serious-penalty")] == [YUNLING]
    assert run("measures", "list") == run("measures", "list") != []
    assert looks() == [(me, "", f"candidates {LIST}"), (me, "", "measures")]
    month = f"{TODAY:%Y-%m}"
    assert run("measures", "effects", month)["effects"] == [] and len(looks()) == 2, "an empty list shows nobody"
    matter, agency = "discharge-permit", MODEL
    measure = run("check", YUNLING, "--matter", matter)["findings"][0]["measure"]
    run("measures", "use", measure, YUNLING, "--agency", agency, "--matter", matter, "--detail", "换发许可证")
    Look.objects.all().delete()
    assert [e["code"] for e in run("measures", "effects", month)["effects"]] == [YUNLING]
    args = ("--criterion", "serious-penalty", "--text", "超标排放", "--record", str(records(YUNLING)[0]))
    entry = run("lists", "propose", LIST, YUNLING, *args, "--as", "anna")["number"]
    assert [e["code"] for e in run("lists", "show", LIST)] == [YUNLING]
    assert looks() == [(me, "", "effects"), (me, "", "listings")]
    run("lists", "notify", entry, "--document", "告1号", "--text", "理由", "--as", "anna")
    letter = next(s["letter"] for s in run("lists", "show", entry)[0]["steps"] if s["letter"])
    Look.objects.all().delete()
    run("lists", "letter", entry, str(letter), "--out", str(tmp_path / "notice.pdf"))
    assert looks() == [(me, "", "listings")]


def test_alerts_about_somebody_are_a_look_at_them(run: Run) -> None:
    about = {"rule": "r", "version": "1", "found_on": TODAY, "text": "请核实"}
    for number, subject in enumerate((Subject.objects.get(code=YUNLING), None)):
        made = Alert.objects.create(subject=subject, cause=f"c{number}", **about)
        AlertCopy.objects.create(alert=made, receiver="department", to=MODEL)
    assert len(run("alerts", "list", "--rule", "r")) == 2
    assert looks() == [(system_user(), "", "alerts")] and Look.objects.count() == 1
