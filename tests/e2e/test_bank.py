"""A bank officer in the browser: refused without an authorisation, shown what it allows, once (R-094, G-09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Kind, Organisation, Role
from chengxin.registry.authorising import Grant, grant
from chengxin.registry.models import Subject

from ..cases import world as w
from . import cast
from .cast import press
from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def stage(store: Any) -> None:
    """A bank, and a subject that lets it look once at what its penalties say of kinds and documents."""
    w.settle()
    Organisation.objects.create(id="bank", name="江淮商业银行", kind=Kind.BANK)
    make_user("officer", "季同舟", cast.PASSWORD, [("bank", Role.BANK_OFFICER)])
    today = timezone.localdate()
    fields = ["document_number", "penalty_kinds"]
    said = Grant(
        "bank", "贷款审查", today, today + timedelta(days=30), ["penalty"], fields, single=True, proof=b"signed"
    )
    grant(w.BOSS, Subject.objects.get(code=w.YUNLING), said)


def test_one_query_for_one_authorisation(enter: Any) -> None:
    desk = looked_at(enter("officer", width=1280), "bank-home")
    press(desk, ".cards a")
    looked_at(desk, "bank-query")
    press(desk, "main form button >> nth=-1")
    assert "没有信用主体的授权不能查询" in looked_at(desk, "bank-refused").text_content("main")

    phone = enter("officer", width=390)
    phone.goto("/workbench/query")
    press(phone, "main table a")
    looked_at(phone, "bank-query")
    press(phone, "main form button >> nth=-1")
    told = looked_at(phone, "bank-answer").text_content("main")
    assert "苏环罚〔2026〕1号" in told and "超标排放水污染物" not in told
    phone.goto("/workbench/query")
    assert "没有可以使用的授权" in looked_at(phone, "bank-used").text_content("main")
