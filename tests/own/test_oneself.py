"""A person's own archive: what is kept, who looked, taking it along, objecting, allowing and withdrawing (R-253, PIPL 45)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actors import of_user
from chengxin.accounts.models import Organisation, User
from chengxin.accounts.persons import person_code
from chengxin.accounts.real_name import LocalProvider
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event
from chengxin.cases.models import Case
from chengxin.registry.looks import looks_at
from chengxin.registry.models import Record, Standing
from chengxin.registry.packs import policies
from chengxin.reports.asking import Request, granted
from chengxin.reports.errors import ReportRefused
from chengxin.reports.snapshot import of_subject

from ..collection.people import conduct, name_of, number_of, store
from . import house as h

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.once]
TODAY = timezone.localdate()


def claim(client: Client, n: int, **other: str) -> Any:
    said = {"name": name_of(n), "id_number": number_of(n)}
    said["token"] = LocalProvider().own_token(**said)
    return client.post("/account/claim?as=oneself", said | other)


def entered(n: int, username: str = "someone") -> tuple[Client, str]:
    """The n-th person signed in and in their own archive."""
    client = h.client(username)
    answer = claim(client, n)
    assert answer.status_code == 302 and answer["Location"] == "/my"
    return client, person_code(name_of(n), number_of(n))


def test_a_person_sees_everything_of_their_own_and_who_looked() -> None:
    store(conduct(1), conduct(2))
    client, code = entered(1)
    assert "查看自己的信用档案" in h.client("nobody").get("/my").text
    profile = client.get(f"/my/{code}").text
    assert "责令暂停执业" in profile and "不公开" in profile and code not in profile.replace(f"/my/{code}", "")
    record = Record.objects.get(subject__code=code)
    page = client.get(f"/my/{code}/records/{record.pk}").text
    assert name_of(1) in page and number_of(1) in page and "江苏省卫生健康委员会" in page
    assert looks_at(code, drafts=()).filter(actor="someone").exists()
    assert client.get(f"/my/{code}/looks").status_code == 200
    other = Record.objects.exclude(subject__code=code).get()
    assert client.get(f"/my/{code}/records/{other.pk}").status_code == 404
    assert client.get(f"/my/{other.subject.code}").status_code == 404


def test_the_pages_speak_to_a_person_and_offer_nothing_that_is_for_enterprises() -> None:
    """R-253: 本单位 is no word for a person; the law on bankruptcy knows enterprises, so that nobody is led into it."""
    store(conduct(1))
    client, code = entered(1)
    record = Record.objects.get(subject__code=code)
    assert client.get(f"/my/{code}/records/{record.pk}").status_code == 200
    for path in ("", "/looks?basis=self", "/authorisations", "/export", "/reports", "/grades"):
        told = client.get(f"/my/{code}{path}")
        assert told.status_code == 200 and "本单位" not in told.text, path
    assert "查看本人的信用记录" in client.get(f"/my/{code}/looks?basis=self").text
    assert "bankruptcy-shielding" not in client.get(f"/my/{code}/apply").text
    assert client.get(f"/my/{code}/apply/bankruptcy-shielding?record={record.pk}").status_code == 404
    from chengxin.cases import actions

    someone = of_user(User.objects.get(username="someone"))
    form = {"court": "某法院（2026）破1号", "until": (TODAY + timedelta(days=90)).isoformat()}
    with pytest.raises(actions.CaseRefused, match="不适用于自然人"):
        actions.open_case(someone, actions.Opening("bankruptcy-shielding", record=record.pk, form=form))


def test_nobody_enters_as_somebody_else() -> None:
    store(conduct(1))
    client = h.client("somebody")
    for wrong in ({"token": "0" * 16}, {"id_number": number_of(2)}, {"name": name_of(2)}, {"id_number": "x" * 18}):
        answer = claim(client, 1, **wrong)
        assert answer.status_code == 422 and number_of(1) not in json.dumps(list(Event.objects.values("detail")))
    assert not Organisation.objects.filter(code=person_code(name_of(1), number_of(1))).exists()
    entered(1, "second")
    again = claim(Client(), 1)
    assert again.status_code == 302 and "/sign-in" in again["Location"]
    both = h.client("third")
    assert claim(both, 1).status_code == 302
    assert "另一个人" in claim(both, 2).text


def test_what_is_kept_of_the_account_is_no_number_and_no_full_name() -> None:
    _client, code = entered(3)
    unit = Organisation.objects.get(code=code)
    told = json.dumps(
        [unit.pk, unit.name, list(User.objects.values_list("person")), list(Event.objects.values("detail"))]
    )
    assert number_of(3) not in told and unit.name == name_of(3)[0] + "***"


def test_the_person_takes_their_data_along() -> None:
    """PIPL 45: the archive holds what the pages show, in the open for the person alone."""
    store(conduct(1))
    client, code = entered(1)
    assert client.get(f"/my/{code}/export").status_code == 200
    answer = client.post(f"/my/{code}/export/data.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        profile = json.loads(archive.read("profile.json"))
        fields = {f["id"]: f["value"] for f in profile["records"][0]["fields"]}
        assert fields["id_number"] == number_of(1)
        assert "looks.json" in archive.namelist() and number_of(1) in archive.read("records.csv").decode()


def test_a_person_objects_and_their_record_is_marked() -> None:
    """S-10: the procedures of every subject; the case shows no number to whoever handles it."""
    store(conduct(1))
    client, code = entered(1)
    record = Record.objects.get()
    page = client.get(f"/my/{code}/apply/objection?record={record.pk}")
    assert page.status_code == 200
    from chengxin.cases import actions

    boss = of_user(User.objects.get(username="someone"))
    form = {"claim": "事实有误", "statement": "处理决定已经撤销"}
    with pytest.raises(actions.CaseRefused, match="加密保存"):
        wrong = form | {"changes": {"id_number": number_of(2)}}
        actions.open_case(boss, actions.Opening("objection", record=record.pk, form=wrong))
    made = actions.open_case(boss, actions.Opening("objection", record=record.pk, form=form))
    h.client("steward", ("centre", h.Role.STEWARD))
    actions.act(of_user(User.objects.get(username="steward")), made.number, "accept")
    record.refresh_from_db()
    assert record.standing == Standing.DISPUTED
    case = Case.objects.get(pk=made.pk)
    assert case.subject_name == name_of(1)[0] + "***" and number_of(1) not in json.dumps(case.form)


def test_consent_is_given_and_withdrawn_at_once() -> None:
    """PIPL 15: an authorisation is the person's own, and revoking it ends it the same moment."""
    from chengxin.registry.authorising import Grant, grant, revoke
    from chengxin.registry.disclosure import Audience
    from chengxin.registry.looks import Ask, NoBasis, look

    store(conduct(1))
    _client, code = entered(1)
    Organisation.objects.create(id="bank", name="江澜商业银行", kind="bank")
    boss = of_user(User.objects.get(username="someone"))
    officer = h.client("officer", ("bank", h.Role.BANK_OFFICER))
    subject = Record.objects.first().subject  # type: ignore[union-attr]
    said = Grant("bank", "入职核查", TODAY, TODAY + timedelta(days=3), proof=b"x")
    given = grant(boss, subject, said)
    asked = Ask(Audience.AUTHORISED, "入职核查", given.number, "bank")
    who = of_user(User.objects.get(username="officer"))
    [seen] = look(who, subject, asked)
    assert seen.shown.fields["person_name"] == name_of(1)[0] + "***" and "id_number" not in seen.shown.fields
    revoke(boss, given.number)
    with pytest.raises(NoBasis):
        look(who, subject, asked)
    assert officer and looks_at(code, drafts=()).count() == 2


def test_the_person_gets_a_report_and_nobody_else_does() -> None:
    """R-119: the templates of persons tell of the occupation, masked, for the person themselves."""
    store(conduct(1))
    client, code = entered(1)
    page = client.get(f"/my/{code}/reports").text
    assert "职业信用报告" in page and "自然人公共信用信息报告" in page
    boss = of_user(User.objects.get(username="someone"))
    asked = granted(Request("occupation", (code,)), boss, policies(), TODAY)
    told = json.dumps(of_subject(asked, policies()), ensure_ascii=False)
    assert "责令暂停执业" in told and name_of(1)[0] + "***" in told
    assert name_of(1) not in told and number_of(1) not in told and code not in told, (
        "what is kept and passed on is masked"
    )
    stranger = h.client("stranger", ("health", h.Role.AUDITOR))
    with pytest.raises((Denied, ReportRefused)):
        granted(
            Request("occupation", (code,), purpose="x"),
            of_user(User.objects.get(username="stranger")),
            policies(),
            TODAY,
        )
    assert stranger.get(f"/my/{code}/reports").status_code == 404
