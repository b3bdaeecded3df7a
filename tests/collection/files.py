"""Small penalty files with invented, valid subjects, made for one test each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from chengxin.standards.organisation_code import make_organisation_code
from chengxin.standards.uscc import make_uscc

HEADINGS = (
    "CF_XDR_MC", "CF_XDR_LB", "CF_XDR_SHXYM", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR", "CF_NR_FK",
    "CF_JDRQ", "CF_YXQ", "CF_CFJG", "CF_CFJGDM", "CF_SJLY", "CF_SJLYDM",
)  # fmt: skip
OFFICE = make_uscc("1", "1", "320000", make_organisation_code("01416001")[:8])


def code_of(number: int) -> str:
    """A valid unified code, different for each number."""
    return make_uscc("9", "1", "320500", f"MA1{number:05d}"[:8])


def penalty(number: int, **cells: str) -> dict[str, str]:
    """One lawful penalty row; `cells` overrides single columns by heading."""
    row = {
        "CF_XDR_MC": f"苏州泊禾{number:05d}机械有限公司",
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": code_of(number),
        "CF_WSH": f"苏环罚〔2026〕{number}号",
        "CF_WFXW": "违反大气污染防治管理规定",
        "CF_SY": "未按规定采取污染防治措施",
        "CF_YJ": "《中华人民共和国大气污染防治法》第九十九条",
        "CF_CFLB": "罚款",
        "CF_NR": "罚款人民币一万元",
        "CF_NR_FK": "1",
        "CF_JDRQ": "2026-11-18",
        "CF_YXQ": "2027-11-18",
        "CF_CFJG": "苏州市生态环境局",
        "CF_CFJGDM": OFFICE,
        "CF_SJLY": "江苏省生态环境厅",
        "CF_SJLYDM": OFFICE,
    }
    return row | cells


def write(path: Path, rows: list[dict[str, str]], headings: tuple[str, ...] = HEADINGS) -> Path:
    path.write_text(text(rows, headings), encoding="utf-8")
    return path


def text(rows: list[dict[str, str]], headings: tuple[str, ...] = HEADINGS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, headings, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
