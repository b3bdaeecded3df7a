"""A demonstration's people stand where people sign in, and nowhere else: not in a real store (issue 5, section 5)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts import demonstration
from chengxin.accounts.checks import second_factor
from chengxin.accounts.demonstration import EXEMPT, Demonstration, Person
from chengxin.cli import run

pytestmark = pytest.mark.once
WHO = Person("demo-steward", "林知夏", "江苏省公共信用信息中心", "数据管理")


@pytest.fixture
def demo(store: Any, settings: Any) -> Path:
    """A store with the mark of a demonstration, served as one."""
    demonstration.write(store.home, Demonstration("demo-0123abcd", [WHO]))
    settings.SECOND_FACTOR_EXEMPT = [EXEMPT]
    return Path(store.home)


def page(address: str = "/sign-in") -> str:
    return Client().get(address).content.decode()


def test_whoever_chooses_a_role_finds_name_and_password_filled_in(demo: Path) -> None:
    assert "林知夏" in page() and 'href="?as=demo-steward"' in page() and 'value="demo-0123abcd"' not in page()
    chosen = page("/sign-in?as=demo-steward")
    assert 'value="demo-steward"' in chosen and 'value="demo-0123abcd"' in chosen
    assert 'value="demo-0123abcd"' not in page("/sign-in?as=somebody-else")
    assert (demo / demonstration.MARK).stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("demo")
def test_a_wrong_password_is_not_shown_again() -> None:
    said = Client().post("/sign-in?as=demo-steward", {"username": "demo-steward", "password": "mine-own-secret"})
    assert "mine-own-secret" not in said.content.decode()


@pytest.mark.usefixtures("store")
def test_a_real_store_shows_nobody(settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = [EXEMPT]
    assert "示例" not in page("/sign-in?as=demo-steward")


@pytest.mark.usefixtures("demo")
def test_a_store_that_is_not_served_as_a_demonstration_shows_nobody(settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = []
    assert "示例" not in page("/sign-in?as=demo-steward")


def test_a_demonstration_is_refused_for_real_work(demo: Path, settings: Any) -> None:
    settings.SECOND_FACTOR_EXEMPT = []
    assert "chengxin.E002" in [found.id for found in second_factor()]
    (demo / demonstration.MARK).unlink()
    assert "chengxin.E002" not in [found.id for found in second_factor()]


def test_serving_a_demonstration_asks_its_people_for_no_telephone(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGXIN_HOME", str(demo))
    monkeypatch.delenv("CHENGXIN_EXEMPT")
    run._let_in_invented_people()
    assert os.environ["CHENGXIN_EXEMPT"] == EXEMPT
    monkeypatch.delenv("CHENGXIN_EXEMPT")
    (demo / demonstration.MARK).write_text("{")
    run._let_in_invented_people()
    assert "CHENGXIN_EXEMPT" not in os.environ
