"""Invented people and what departments report of them; their identity numbers begin with a place that is none."""

from __future__ import annotations

import csv
import io
from datetime import date

from chengxin.accounts.actors import operator
from chengxin.collection import actions, jobs
from chengxin.collection.models import Batch
from chengxin.standards.citizen_id import citizen_id_check_character

HE, SHE = operator("he"), operator("she")
HEALTH = "health"
_SURNAMES, _FIRST, _SECOND = "云岳舒阮郗邬厉鄢", "澄砚疏衡峤湛昀珩", "舟禾渡泠蘅笙岚陌"


def number_of(n: int, born: date | None = None) -> str:
    """The identity number of the n-th invented person; without a birthday, that of a grown-up."""
    day = born or date(1960 + n % 40, 1 + n % 12, 1 + n % 28)
    body = f"990101{day:%Y%m%d}{n % 1000:03}"
    return body + citizen_id_check_character(body)


def name_of(n: int) -> str:
    return _SURNAMES[n % 8] + _FIRST[n // 8 % 8] + _SECOND[n // 64 % 8] + _FIRST[n // 512 % 8]


def phone_of(n: int) -> str:
    return f"199{n:08}"


def conduct(n: int, **more: str) -> dict[str, str]:
    """A row of `practitioner`."""
    return {
        "姓名": name_of(n), "公民身份号码": number_of(n), "联系电话": phone_of(n), "职业类别": "医师",
        "执业证书编号": f"1103200000{n:05}", "执业单位名称": "苏州云岭动物医院有限公司", "处理": "责令暂停执业",
        "处理决定文书号": f"苏卫医罚〔2026〕{n}号", "处理依据": "《医师法》第五十六条", "处理日期": "2026-03-18",
        "处理机关": "江苏省卫生健康委员会", **more,
    }  # fmt: skip


def ban(n: int, **more: str) -> dict[str, str]:
    """A row of `practice-ban`."""
    return {
        "姓名": name_of(n), "公民身份号码": number_of(n), "职业类别": "执业兽医", "禁止从事的业务": "从事动物诊疗活动",
        "禁入的法律依据": "《动物防疫法》第一百零六条", "决定文书号": f"苏农罚〔2026〕{n}号", "决定日期": "2026-03-18",
        "禁入起始日期": "2026-03-18", "禁入截止日期": "2029-03-17", "决定机关": "江苏省农业农村厅", **more,
    }  # fmt: skip


def text(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def submit(content: bytes, item: str = "practitioner", source: str = HEALTH) -> Batch:
    """Taken in and checked."""
    return jobs.see_through(
        actions.submit(HE, actions.Submission(item, source, "file.csv", "api"), io.BytesIO(content))
    )


def store(*rows: dict[str, str], item: str = "practitioner", source: str = HEALTH) -> Batch:
    """Taken in, checked, released and merged."""
    return jobs.see_through(actions.release(SHE, submit(text(list(rows)), item, source)))
