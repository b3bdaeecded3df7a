"""Letters as PDF, set from the text that is kept: the same letter is the same file, byte for byte.

A character that no font has would be printed as nothing, so the lack of a Chinese font is refused before anything is set.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Letter
from chengxin.paper import NoChineseFont, Sheet, letter_pdf


def render(letter: Letter, language: str = "zh") -> bytes:
    """The letter as PDF in Chinese (`zh`) or English (`en`). Raises `CaseRefused` where nothing Chinese can be printed."""
    english = language == "en"
    title, text = (letter.title_en, letter.text_en) if english else (letter.title, letter.text)
    check = f"SHA-256 {letter.sha256}"
    sheet = Sheet(title, letter.number, letter.to_name, letter.from_name, text.split("\n"), letter.day, check)
    try:
        return letter_pdf(sheet, language)
    except NoChineseFont as missing:
        raise CaseRefused(
            _(
                "没有中文字体，不能生成 PDF：请安装 fonts-noto-cjk，或者用 CHENGXIN_FONTS 指明放有 Noto Sans SC 的文件夹。"
            )
        ) from missing
