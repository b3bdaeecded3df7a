"""Who is told of a grade by this platform, and who is not (R-149, R-155)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chengxin.evaluation.public import told_here
from chengxin.policy.evaluation import models
from chengxin.policy.evaluation_parts import Told
from chengxin.registry.packs import policies

WHO = ("subject", "department", "province", "city", "nation", "public")


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("public", {"subject", "department", "province", "public"}),
        ("subject", {"subject", "department", "province"}),
        ("internal", {"department", "province"}),
    ],
)
def test_only_those_who_see_the_grade_here_are_told_here(audience: str, expected: set[str]) -> None:
    model = next(m for m in models(policies(), timezone.localdate()) if m.nature != "risk" and not m.draft)
    model = model.model_copy(update={"publication": model.publication.model_copy(update={"audience": audience})})
    assert {who for who in WHO if told_here(model, Told(who=who, how="短信"))} == expected
