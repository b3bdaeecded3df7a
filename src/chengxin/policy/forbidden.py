"""Data that may never be declared: religion, genes, fingerprints, blood type, illness and the like (design.md section 8).

The words are policy data (national/forbidden.toml), the comparison is here. Comparators: Zhejiang 2017, Shandong 2020,
Henan 2019, Shanghai 2017 forbid the same (domain.md 5.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from chengxin.policy.packs import ForbiddenData

_WORDS = re.compile("[A-Za-z]+")


def forbidden_in(texts: Iterable[str], data: Iterable[ForbiddenData]) -> Iterator[tuple[str, str, ForbiddenData]]:
    """(text, word, kind of data) for every text that names forbidden data, one hit a text.

    >>> kind = ForbiddenData(id="genes", label="基因", words=("基因", "gene"))
    >>> [hit[:2] for hit in forbidden_in(["基 因信息", "gene_test", "general"], [kind])]
    [('基 因信息', '基因'), ('gene_test', 'gene')]
    """
    kinds = list(data)
    for text in texts:
        hit = next(((w, k) for k in kinds for w in k.words if _names(text, w, k.allow)), None)
        if hit:
            yield text, *hit


def _names(text: str, word: str, allow: tuple[str, ...]) -> bool:
    plain = squeezed(text)
    for harmless in allow:
        plain = plain.replace(squeezed(harmless), " ")
    if not word.isascii():
        return squeezed(word) in plain
    wanted, given = _words(word), _words(text)
    return any(given[i : i + len(wanted)] == wanted for i in range(len(given) - len(wanted) + 1))


def squeezed(text: str) -> str:
    """The text without blanks, marks and widths, so that 宗 教 and 宗·教 are 宗教."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def _words(text: str) -> list[str]:
    """The words of an id or an English label, small and singular: blood_types -> blood, type."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", text))
    return [w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in
            (m.lower() for m in _WORDS.findall(spaced))]  # fmt: skip
