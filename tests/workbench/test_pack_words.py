"""Words of packs that a page tells: names, extensions, approvals, contracts (G-03, R-145, R-152)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import override

from chengxin.design.list_facts import more_facts
from chengxin.policy.evaluation import models
from chengxin.policy.evaluation_parts import Competence
from chengxin.policy.lists import Extension, Lists
from chengxin.registry.packs import policies
from chengxin.workbench.dept_model_page import told

DAY = date(2026, 6, 1)


def test_a_list_is_shown_with_its_other_names_and_with_whom_it_extends_to_by_which_law() -> None:
    named = next(one for pack in policies().of(Lists) for one in pack.lists if one.aliases)
    basis = {"document": "公司法", "section": "第一百七十八条", "rank": "law"}
    extension = Extension.model_validate({"to": ["法定代表人"], "basis": basis})
    with override("zh-hans"):
        assert [(f.label, f.value) for f in more_facts(named)] == [("又称", "、".join(named.aliases))]
        wider = named.model_copy(update={"extension": extension, "aliases": ()})
        (fact,) = more_facts(wider)
        assert fact.label == "及于何人" and "法定代表人" in str(fact.value) and "公司法" in str(fact.value)
        derived = wider.model_copy(update={"derived_from": "organisation"})
        assert str(next(more_facts(derived)).value).startswith("由列入的单位及于法定代表人")
    assert not list(more_facts(named.model_copy(update={"aliases": ()})))


def test_a_model_is_shown_with_the_day_of_its_approval_and_the_contract_of_who_helps() -> None:
    model = next(m for m in models(policies(), DAY) if m.third_party and m.competence)
    assert model.third_party and isinstance(model.competence, Competence)
    approved = model.competence.model_copy(update={"approved_on": date(2021, 3, 9)})
    with override("zh-hans"):
        before = {f.label: str(f.value) for f in told(model)["facts"]}
        after = {f.label: str(f.value) for f in told(model.model_copy(update={"competence": approved}))["facts"]}
    assert before["委托合同"] == model.third_party.contract
    assert before["批准"] == approved.approval
    assert after["批准"].startswith(approved.approval) and "2021" in after["批准"]
