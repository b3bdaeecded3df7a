"""Five thousand real enterprises are found by two characters of the name, an abbreviation, an old number (S-11, R-102)."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.registry import search
from chengxin.standards.text import name_key

from .way import rows_of, take_in

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("store")]
ALL = 5000


def test_two_characters_and_abbreviations_find_exactly_the_names_that_have_them(jiangsu: Path) -> None:
    """Asked with pieces of every two hundredth name; the right answer is counted by looking at every name.

    Names that hold the piece as it is come first, then those that have its characters in this order.
    """
    file = jiangsu / "jiangsu_enterprises_dev.csv"
    take_in(file, "registration", "market-regulation")
    keys = {row["统一社会信用代码"]: name_key(row["企业名称"]) or "" for row in rows_of(file)}
    asked = list(keys.items())[::200]
    alone = 0
    for code, key in asked:
        for piece in (key[3:5], key[0] + key[3] + key[5]):
            found = [h.code for h in search.search(piece, limit=ALL)]
            whole = {c for c, k in keys.items() if piece in k}
            assert set(found[: len(whole)]) == whole, piece
            assert set(found) == {c for c, k in keys.items() if _in_order(piece, k)} and code in found, piece
        alone += found == [code]
    assert len(asked) == 25 and alone >= 12, "three characters out of a name mostly mean one enterprise"

    old = [row for row in rows_of(file) if len(row["统一社会信用代码"]) < 18][::25]
    by_number = [[h.current_name for h in search.search(row["统一社会信用代码"])] for row in old]
    assert len(old) == 10 and by_number == [[row["企业名称"]] for row in old], (
        "an old registration number finds its own"
    )


def _in_order(characters: str, name: str) -> bool:
    rest = iter(name)
    return all(c in rest for c in characters)
