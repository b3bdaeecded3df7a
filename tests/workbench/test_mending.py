"""Faulty rows are corrected on the page and go out as a batch of their own; nothing is changed silently (R-031, R-049,
R-057)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chengxin.audit.models import Event
from chengxin.collection import evidence
from chengxin.collection.models import Batch
from chengxin.registry.models import Record

from . import desk

pytestmark = pytest.mark.once


def form_of(client: Client, batch: Batch, **cells: str) -> dict[str, str]:
    """The page's form as it stands, with these cells changed."""
    html = desk.seen(client, f"/workbench/batches/{batch.pk}/mend")
    given = dict(re.findall(r'<input type="(?:text|hidden)" name="([^"]+)" value="([^"]*)"', html))
    given = {k: v for k, v in given.items() if k != "csrfmiddlewaretoken"}
    given |= dict.fromkeys(re.findall(r'<input type="text" name="([^"]+)" id=', html), "")
    return {**given, **cells}


def send(client: Client, batch: Batch, form: dict[str, str]) -> Batch:
    response = client.post(f"/workbench/batches/{batch.pk}/mend", form)
    assert response.status_code == 302, response.content.decode()
    return Batch.objects.get(pk=int(response["Location"].rsplit("/", 1)[1]))


GOOD = {"r2-subject_code": desk.good(2)["CF_XDR_SHXYM"], "r3-decided_on": desk.TODAY}


def test_two_rejected_rows_are_corrected_and_sent_alone(people: dict[str, Client], batch: Batch) -> None:
    before, file = Batch.objects.values().get(pk=batch.pk), evidence.place(batch.file_sha256).read_bytes()
    html = desk.seen(people["both"], f"/workbench/batches/{batch.pk}/mend")
    assert "第 2 行" in html and "不是正确的统一社会信用代码" in html
    assert "第 4 行" not in html, "what is fine is not shown"
    assert "存疑的 2 行要等这一批入库以后再改" in html
    made = send(people["both"], batch, form_of(people["both"], batch, **GOOD))
    assert (made.state, made.received, made.rejected) == ("checked", 2, 0)
    assert (made.mends_id, made.mended_rows, made.channel) == (batch.pk, [2, 3], "page")
    assert Batch.objects.values().get(pk=batch.pk) == before
    assert evidence.place(batch.file_sha256).read_bytes() == file
    assert "第 2、3 行已在批次" in desk.seen(people["both"], f"/workbench/batches/{batch.pk}")
    assert f"{batch.number}</a> 第 2、3 行的更正" in desk.seen(people["both"], f"/workbench/batches/{made.pk}")
    assert "没有可以在这里改的行" in desk.seen(people["both"], f"/workbench/batches/{batch.pk}/mend")
    people["auditor"].post(f"/workbench/batches/{made.pk}/release")
    assert Record.objects.filter(key__startswith="苏环罚〔2026〕3号").exists()


def test_only_rows_that_were_changed_go_out(people: dict[str, Client], batch: Batch) -> None:
    made = send(people["both"], batch, form_of(people["both"], batch, **{"r3-decided_on": desk.TODAY}))
    assert (made.received, made.mended_rows) == (1, [3])
    html = desk.seen(people["both"], f"/workbench/batches/{batch.pk}/mend")
    assert "第 2 行" in html and 'id="row-3"' not in html


def test_the_same_form_twice_is_one_batch(people: dict[str, Client], batch: Batch) -> None:
    form = form_of(people["both"], batch, **GOOD)
    first = send(people["both"], batch, form)
    assert send(people["both"], batch, form).pk == first.pk
    other = people["reporter"].post(f"/workbench/batches/{batch.pk}/mend", {**form, "token": "another"})
    assert (other.status_code, "第 2、3 行已经在别的批次里更正过" in other.content.decode()) == (422, True)
    assert Batch.objects.count() == 2


def test_nothing_changed_is_told_so(people: dict[str, Client], batch: Batch) -> None:
    response = people["both"].post(f"/workbench/batches/{batch.pk}/mend", form_of(people["both"], batch))
    assert (response.status_code, "一处也没有改" in response.content.decode()) == (422, True)
    assert Batch.objects.count() == 1


def test_a_correction_that_is_wrong_again_can_be_corrected_again(people: dict[str, Client], batch: Batch) -> None:
    made = send(people["both"], batch, form_of(people["both"], batch, **{"r3-decided_on": "去年夏天"}))
    assert (made.received, made.rejected) == (1, 1)
    last = send(people["both"], made, form_of(people["both"], made, **{"r1-decided_on": desk.TODAY}))
    assert (last.rejected, last.mends_id) == (0, made.pk)


def test_a_correction_that_came_to_nothing_leaves_its_rows_open(people: dict[str, Client], batch: Batch) -> None:
    made = send(people["both"], batch, form_of(people["both"], batch, **GOOD))
    people["both"].post(f"/workbench/batches/{made.pk}/withdraw")
    assert "第 2 行" in desk.seen(people["both"], f"/workbench/batches/{batch.pk}/mend")


def test_doubtful_rows_can_be_corrected_once_they_are_stored(people: dict[str, Client], stored_batch: Batch) -> None:
    cells = {"r7-document_number": "苏环罚〔2026〕66号"}
    made = send(people["both"], stored_batch, form_of(people["both"], stored_batch, **cells))
    assert (made.mended_rows, made.doubtful) == ([7], 0)


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 302), ("auditor", 403), ("steward", 403), ("stranger", 404), ("visitor", 404)]
)
def test_nobody_else_corrects(people: dict[str, Client], batch: Batch, who: str, status: int) -> None:
    for response in (
        people[who].get(f"/workbench/batches/{batch.pk}/mend"),
        people[who].post(f"/workbench/batches/{batch.pk}/mend", {"token": "t", "r3-decided_on": desk.TODAY}),
    ):
        assert response.status_code == status
    assert Batch.objects.count() == 1


def test_looking_at_the_rows_is_kept(people: dict[str, Client], batch: Batch) -> None:
    desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}/mend")
    assert Event.objects.filter(action="batch.rows", actor="reporter", object=str(batch.pk)).count() == 1
