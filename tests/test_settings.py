"""What an installation's environment makes of the settings (docs/operators.md)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPO

NAME = re.compile(r"CHENGXIN_[A-Z_]+[A-Z]")
OF_TESTS = {"CHENGXIN_CI_DATABASE_URL", "CHENGXIN_SHARED"}
OF_CODE = {"CHENGXIN_SEALED", "CHENGXIN_GRADES", "CHENGXIN_GRADE_FORECAST", "CHENGXIN_GRADE_MOVES", "CHENGXIN_GRADE_NEWEST",
           "CHENGXIN_GRADE_TERMS", "CHENGXIN_STAGE_ONE"}  # fmt: skip
"""Settings and marks of the code itself; nobody sets them in the environment."""


def test_only_a_proxy_of_ours_may_say_that_a_visitor_came_over_tls(tmp_path: Path) -> None:
    """Behind a proxy that ends TLS every page would redirect to itself; without one a visitor could lie."""
    code = (
        "from django.conf import settings; from django.http import HttpRequest; r = HttpRequest();"
        " r.META['HTTP_X_FORWARDED_PROTO'] = 'https'; print(settings.SECURE_SSL_REDIRECT, r.is_secure())"
    )
    said = []
    for proxies in ("0", "1"):
        env = {**os.environ, "CHENGXIN_HOME": str(tmp_path), "CHENGXIN_HTTPS": "1", "CHENGXIN_PROXIES": proxies}
        env |= {"PYTHONPATH": str(REPO / "src"), "DJANGO_SETTINGS_MODULE": "chengxin.settings"}
        said.append(subprocess.check_output([sys.executable, "-c", code], env=env, text=True).strip())
    assert said == ["True False", "True True"]


@pytest.mark.parametrize("name", ["docs/operators.md", "docs/operators.zh.md"])
def test_operators_are_told_every_setting_and_none_that_is_not_there(name: str) -> None:
    files = [REPO / "dev", *(REPO / "src").rglob("*.py")]
    read = {word for file in files for word in NAME.findall(file.read_text("utf-8"))}
    assert set(NAME.findall((REPO / name).read_text("utf-8"))) == read - OF_TESTS - OF_CODE
