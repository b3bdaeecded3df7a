"""知识产权: four sources of information, owners and agencies, published and pushed to two receivers (R-511 to R-514)."""

from __future__ import annotations

import pytest

from chengxin.policy.evaluation import Evaluation
from chengxin.registry.packs import policies

from .teller import Province

pytestmark = pytest.mark.once

IP = MODEL = "intellectual-property"


def test_projects_adjudications_and_campaigns_grade_owners_and_agencies(province: Province) -> None:
    """002-知识产权 三（一）至（六）: collection of four classes, grades, publicity and push, limits, repair."""
    p = province
    owner, infringer, agency = (
        p.register(n) for n in ("清岚创新有限公司", "泊禾仿制有限公司", "云岭知识产权代理有限公司")
    )
    for n in range(3):
        p.report(IP, "ip-project", owner, p.ago(months=4 + n), state="通过验收", reason=None)
    p.report(IP, "commitment", owner, p.ago(months=4), state="履行中", due_on=p.ago(years=-1))
    ruling = p.report(IP, "ip-adjudication", infringer, p.ago(months=3), result="侵权成立", performed="否")
    p.penalty("market-regulation", infringer, p.ago(months=2), violation="侵犯注册商标专用权")
    p.report(
        IP,
        "ip-special-action",
        owner,
        p.ago(months=2),
        object="知识产权主体",
        category="非正常专利申请",
        withdrawn="是",
    )
    bulk = p.report(
        IP, "ip-special-action", agency, p.ago(months=2),
        object="知识产权服务机构", category="代理机构违规", quantity=80, withdrawn="否",
    )  # fmt: skip
    p.grade(MODEL)
    assert p.grade_of(owner, MODEL) == ("A", 91), "withdrawn of its own accord: no points lost"
    assert p.grade_of(infringer, MODEL) == ("C", 52) and p.grade_of(agency, MODEL) == ("D", 45)
    told = {t.who for t in next(m for m in policies().of(Evaluation) if m.id == MODEL).told}
    assert {"nation", "province"} <= told, "R-512: both receivers at the same time"

    assert p.candidates("ip-attention", "unperformed") == [infringer]
    assert p.candidates("ip-attention", "grave-finding") == [agency]
    p.put_on("ip-attention", agency, "grave-finding", [bulk])
    p.report(
        IP, "serious-list", infringer, p.ago(months=1),
        list_type="知识产权严重违法失信主体", ends_on=p.ago(months=-35), removed_on=None,
    )  # fmt: skip
    p.follow()
    assert p.listed("ip-serious") == [infringer]
    refused = p.ask(infringer, "ip-funds")
    assert refused.answer == "must-refuse" and "三（五）" in refused.findings[0].basis, "R-514"
    assert p.ask(agency, "ip-funds").answer == "must-limit" and p.ask(agency, "ip-agency").answer == "must-examine"
    assert p.answers(owner, "ip-prereview") == ["ip-favour"]
    assert [p.class_of(c, IP).id for c in (owner, infringer, agency)] == ["a", "listed", "listed"]
    assert "ip-findings" in p.alerts(agency) and "ip-listed" in p.alerts(infringer)

    p.repair(ruling, bulk)
    p.grade(MODEL)
    p.follow()
    assert p.grade_of(agency, MODEL) == ("B", 80) and p.listed("ip-attention") == []
    assert p.grade_of(infringer, MODEL)[0] == "D", "the serious list is a veto as long as it runs"
