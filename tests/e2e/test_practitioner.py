"""A doctor enters her own archive and sees who looked; the department that looked saw her masked (R-253, R-256, G-10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.accounts.real_name import LocalProvider

from ..collection.people import HEALTH, conduct, name_of, number_of
from ..collection.people import store as sent
from . import cast
from .cast import press
from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def stage(store: Any) -> None:
    """Two doctors on record, one of them with an account, and somebody who supervises them."""
    (store.home / "secret_key").write_text(settings.SECRET_KEY)  # the server knows the tokens that are handed out here
    sent(conduct(1), conduct(2))
    make_user("doctor", name_of(1), cast.PASSWORD, [])
    make_user("supervisor", "方慎之", cast.PASSWORD, [(HEALTH, Role.AUDITOR)])


def test_looked_up_masked_and_seen_by_oneself(enter: Any) -> None:
    desk = enter("supervisor", width=1280)
    desk.goto("/workbench/query?mode=duty")
    press(desk, "main >> text=改为查询自然人")
    looked_at(desk, "person-query")
    desk.fill("#id_name", name_of(1))
    desk.fill("#id_id_number", number_of(1))
    desk.fill("#id_purpose", "医师变更执业注册审查")
    desk.select_option("#id_basis", "practice-supervision")
    press(desk, "main form button >> nth=-1")
    told = looked_at(desk, "person-answer").text_content("main")
    assert "责令暂停执业" in told and name_of(1) not in told and number_of(1) not in told

    phone = enter("doctor", width=390)
    phone.goto("/my")
    looked_at(phone, "person-first")
    press(phone, "main >> text=核验本人")
    looked_at(phone, "person-claim")
    phone.fill("#id_name", name_of(1))
    phone.fill("#id_id_number", number_of(1))
    phone.fill("#id_token", LocalProvider().own_token(name_of(1), number_of(1)))
    press(phone, "main form button >> nth=-1")
    looked_at(phone, "person-home")
    press(phone, "main .cards a >> nth=0")
    looked_at(phone, "person-profile")
    press(phone, "main table a >> nth=0")
    told = looked_at(phone, "person-record").text_content("main")
    assert name_of(1) in told and number_of(1) in told and "不公开" in told
    phone.goto(phone.url.partition("/records")[0] + "/looks")
    assert "医师变更执业注册审查" in looked_at(phone, "person-looks").text_content("main")

    wide = enter("doctor", width=1280)
    wide.goto("/my")
    looked_at(wide, "person-home")
