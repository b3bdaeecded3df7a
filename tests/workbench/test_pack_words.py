"""Words of packs that a page tells: names, extensions, approvals, contracts (G-03, R-145, R-152)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from chengxin.design.list_facts import more_facts
from chengxin.design.words import within
from chengxin.policy.evaluation import models
from chengxin.policy.evaluation_parts import Competence, Span
from chengxin.policy.lists import Extension, Lists
from chengxin.policy.measures import Measures
from chengxin.policy.outline import key_word, outline
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies
from chengxin.workbench.dept_model_page import span, told

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


def test_every_key_of_a_procedure_and_of_measures_has_a_word() -> None:
    """R-001: a pack is read by people who do not read its file; a key without a word stood there in English."""
    for kind in (Procedure, Measures):
        keys = {(info.alias or name).removesuffix("_en") for name, info in kind.model_fields.items()}
        assert not {k for k in keys if key_word(k) == k}
    repair = next(p for p in policies().of(Procedure) if p.serves == "repair")
    assert ("用于办理", "repair") in [(line.key, line.text) for line in outline(repair).lines]


def test_counts_and_headings_read_as_english_has_them() -> None:
    """R-349: one of a thing is not several, and a heading begins like one."""
    with override("en"):
        assert (within(1), within(2)) == ("within 1 working day", "within 2 working days")
        assert [span(Span(months=n)) for n in (1, 3)] == ["1 month", "3 months"]
        assert [span(Span(years=n)) for n in (1, 3)] == ["1 year", "3 years"]
        assert (_("依据"), _("期限"), _("代码")) == ("Basis", "Period", "Code")
