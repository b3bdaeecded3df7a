"""The reference page of the API is made from its document (issue 5 section 4): nothing missing, nothing by hand."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chengxin.api.app import document
from chengxin.api.errors import KINDS
from chengxin.api.named import OPERATIONS

pytestmark = pytest.mark.once
EVERY = {o["operationId"]: (m.upper(), p) for p, ms in document()["paths"].items() for m, o in ms.items()}


@pytest.fixture(scope="module")
def page() -> str:
    return Client().get("/api").content.decode()


def test_every_operation_is_on_the_page_with_its_address(page: str) -> None:
    for name, (method, address) in EVERY.items():
        section = page.partition(f'<section id="{name}"')[2].partition("</section>")[0]
        assert f"<strong>{method}</strong> {address}" in section, name
        assert "curl" in section and "谁可以用：" in section, name


def test_every_error_code_is_explained(page: str) -> None:
    assert all(f"<code>{code}</code>" in page for code in KINDS)


def test_rights_are_the_sentences_of_the_rules(page: str) -> None:
    assert "放行需要您在这个信源单位担任审核员" in page


def test_no_script_or_style_of_others(page: str) -> None:
    found = re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    assert not found


def test_every_shape_that_is_linked_is_explained(page: str) -> None:
    shapes = Client().get("/api/shapes").content.decode()
    linked = set(re.findall(r"/api/shapes#(\w+)", page)) | set(re.findall(r'href="#(\w+)"', shapes)) - {"main"}
    assert len(linked) > 20 and all(f'id="{name}"' in shapes for name in linked)


def test_chinese_names_are_those_of_operations_that_there_are() -> None:
    assert set(OPERATIONS) <= set(EVERY)
