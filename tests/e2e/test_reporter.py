"""A reporter's and an auditor's day in a browser: a faulty file, its receipt, two rows corrected on the page and sent
again, a comparison with the past, the release (F-02, R-024, R-031, R-049). Without JavaScript: test_journey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ..collection.files import code_of, penalty, text
from . import cast
from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]
TODAY = timezone.localdate().isoformat()


def faulty(first: int) -> dict[str, Any]:
    """Three penalties: one fine, one with a miscopied code, one with a day that does not exist."""
    rows = [penalty(first + n, CF_JDRQ=TODAY, CF_YXQ="") for n in range(3)]
    rows[1]["CF_XDR_SHXYM"] = "91320500MA10000200"
    rows[2]["CF_JDRQ"] = "2026-13-45"
    return {"name": "处罚公示.csv", "mimeType": "text/csv", "buffer": text(rows).encode("gb18030")}


def test_two_rows_corrected_on_the_page(enter: Callable[..., Any]) -> None:
    for width, first in ((1280, 10), (390, 20)):
        reporter = enter("reporter", width=width)
        first_batch = sends(reporter, first)
        second = corrects(reporter, first_batch, first)
        auditor = enter("auditor", width=width)
        releases(auditor, first_batch, second)
        assert "已入库 2 行" in _main(reporter, second)


def sends(page: Any, first: int) -> str:
    """A file with faults, and its receipt read rule by rule."""
    looked_at(_at(page, "/workbench/submit"), "submit")
    page.select_option("#id_what", f"{cast.ECOLOGY}:penalty")
    page.set_input_files("#id_file", faulty(first))
    cast.press(page, "main form button")
    batch = str(page.url)
    said = page.inner_text("main")
    assert "收到 3 行，可入库 1 行，不予入库 2 行" in said
    assert "不是正确的统一社会信用代码" in said
    looked_at(page, "receipt")
    cast.press(page, "main tbody th a >> nth=0")
    assert "只看这一条" in page.inner_text("main")
    return batch


def corrects(page: Any, batch: str, first: int) -> str:
    """Nothing changed is refused with a reason; two rows corrected are a batch of their own."""
    page.goto(batch)
    cast.press(page, "main a.button:has-text('改好再报')")
    looked_at(page, "mend")
    cast.press(page, "main form button")
    assert "一处也没有改" in page.inner_text(".errors")
    page.fill("[name=r2-subject_code]", code_of(first + 1))
    page.fill("[name=r3-decided_on]", TODAY)
    cast.press(page, "main form button")
    said = page.inner_text("main")
    assert "收到 2 行，可入库 2 行" in said
    assert "第 2、3 行的更正" in said
    looked_at(page, "mended")
    return str(page.url)


def releases(page: Any, first: str, second: str) -> None:
    """The auditor compares, gives one back in mind, and lets both in."""
    looked_at(_at(page, first), "release")
    assert "放行之前请留意" in page.inner_text("main")
    page.click("summary:has-text('不放行')")
    cast.press(page, "form[action$='/return'] button")
    assert "请写明退回的原因" in page.inner_text(".errors")
    for batch in (first, second):
        page.goto(batch)
        cast.press(page, "main button:has-text('放行入库')")
        assert "已放行并入库" in page.inner_text("main")
    assert "报送和审核不能是同一个人" not in page.inner_text("main")


def _at(page: Any, path: str) -> Any:
    page.goto(path)
    return page


def _main(page: Any, path: str) -> str:
    return str(_at(page, path).inner_text("main"))
