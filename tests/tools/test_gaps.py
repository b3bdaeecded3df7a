"""A message and its English have the same gaps: a page in English never fails for a text (R-333)."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

from chengxin.tools import messages

GAP = re.compile(r"%\((\w+)\)")


def test_every_english_text_has_the_gaps_of_its_message(tmp_path: Path) -> None:
    (compiled,) = messages.compiled(tmp_path).rglob("*.mo")
    with compiled.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    told = {key: text for key, text in catalogue.items() if key}
    assert len(told) > 1000
    for key, text in told.items():
        message, number = key if isinstance(key, tuple) else (key, None)
        wanted, found = set(GAP.findall(message)), set(GAP.findall(text))
        assert found == wanted or (number == 0 and found == wanted - {"n"}), (message, text)
        if wanted:
            assert text % dict.fromkeys(wanted, 1), "no sign of percent that is no gap"
