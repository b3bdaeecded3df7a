"""The kind `sign-in`: what a process reads when it starts (R-077)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from chengxin.policy.sign_in import SignIn

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "jiangsu" / "sign-in.toml"


def test_a_key_holds_no_longer_without_a_word_than_with_one() -> None:
    """The days that are taken where nobody says lie within the longest that the pack allows."""
    raw = tomllib.loads(SHIPPED.read_text("utf-8"))
    key = SignIn.model_validate(raw).key
    SignIn.model_validate({**raw, "key": {**raw["key"], "max_days": key.days}})
    with pytest.raises(ValueError, match="at most max_days"):
        SignIn.model_validate({**raw, "key": {**raw["key"], "max_days": key.days - 1}})


@pytest.mark.parametrize("part", ["key", "post"])
def test_every_number_has_its_basis(part: str) -> None:
    raw = tomllib.loads(SHIPPED.read_text("utf-8"))
    without = {name: value for name, value in raw[part].items() if name != "basis"}
    with pytest.raises(ValueError, match="basis"):
        SignIn.model_validate({**raw, part: without})
