"""Letters as PDF, set by Typst from the text that is kept: the same letter is the same file, byte for byte.

A character that no font has would be printed as nothing, so the lack of a Chinese font is refused before anything is set.
"""

from __future__ import annotations

import json
from pathlib import Path

import typst
from django.utils.translation import gettext as _

from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Letter
from chengxin.paper import NoChineseFont, fonts

TEMPLATE = Path(__file__).with_name("letter.typ")
_WORDS = {
    "zh": {"region": "cn", "colon": "："},
    "en": {"region": "gb", "colon": ":"},
}


def _fonts() -> tuple[typst.Fonts, tuple[str, ...]]:
    """Raises `CaseRefused` with what to do when nothing Chinese can be printed here."""
    try:
        return fonts()
    except NoChineseFont as missing:
        raise CaseRefused(
            _(
                "没有中文字体，不能生成 PDF：请安装 fonts-noto-cjk，或者用 CHENGXIN_FONTS 指明放有 Noto Sans SC 的文件夹。"
            )
        ) from missing


def render(letter: Letter, language: str = "zh") -> bytes:
    """The letter as PDF in Chinese (`zh`) or English (`en`)."""
    english = language == "en"
    title, text = (letter.title_en, letter.text_en) if english else (letter.title, letter.text)
    found, families = _fonts()
    values = {
        "title": title,
        "number": letter.number,
        "to": letter.to_name,
        "from": letter.from_name,
        "paragraphs": text.split("\n"),
        "date": letter.day.isoformat(),
        "year": letter.day.year,
        "month": letter.day.month,
        "day": letter.day.day,
        "lang": "en" if english else "zh",
        "fonts": families,
        "check": f"SHA-256 {letter.sha256}",
        **_WORDS["en" if english else "zh"],
    }
    made: bytes = typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=found,
        sys_inputs={"letter": json.dumps(values, ensure_ascii=False)},
    )
    return made
