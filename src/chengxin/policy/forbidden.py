"""Data that may never be declared: religion, genes, fingerprints, blood type, illness and the like (design.md section 8).

The words are policy data (national/forbidden.toml), the comparison is here. Comparators: Zhejiang 2017, Shandong 2020,
Henan 2019, Shanghai 2017 forbid the same (domain.md 5.2).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chengxin.policy.packs import ForbiddenData

_WORDS = re.compile("[A-Za-z]+")
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class _Kind:
    """One kind of data with its words in the form in which they are compared."""

    data: ForbiddenData
    parts: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, str], ...]
    harmless: tuple[str, ...]


def forbidden_in(texts: Iterable[str], data: Iterable[ForbiddenData]) -> Iterator[tuple[str, str, ForbiddenData]]:
    """(text, word, kind of data) for every text that names forbidden data, one hit a text.

    >>> kind = ForbiddenData(id="genes", label="基因", words=("基因", "gene"))
    >>> [hit[:2] for hit in forbidden_in(["基 因信息", "gene_test", "general"], [kind])]
    [('基 因信息', '基因'), ('gene_test', 'gene')]
    """
    kinds = [_prepared(kind) for kind in data]
    for text in texts:
        plain, words = squeezed(text), _words(text)
        hit = next(((word, kind.data) for kind in kinds if (word := _named(plain, words, kind))), None)
        if hit:
            yield text, *hit


@functools.lru_cache(maxsize=256)
def _prepared(data: ForbiddenData) -> _Kind:
    parts = tuple((word, squeezed(word)) for word in data.words if not word.isascii())
    words = tuple((word, _words(word)) for word in data.words if word.isascii())
    return _Kind(data, parts, words, tuple(squeezed(text) for text in data.allow))


def _named(plain: str, words: str, kind: _Kind) -> str | None:
    """The first word of this kind that a text names; harmless phrases are taken out before."""
    for harmless in kind.harmless:
        plain = plain.replace(harmless, " ")
    found = next((word for word, part in kind.parts if part in plain), None)
    return found or next((word for word, whole in kind.words if whole in words), None)


def squeezed(text: str) -> str:
    """The text without blanks, marks and widths, so that 宗 教 and 宗·教 are 宗教."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def _words(text: str) -> str:
    """The words of an id or an English label between blanks, small and singular: blood_types -> " blood type "."""
    spaced = _HUMP.sub(" ", unicodedata.normalize("NFKC", text))
    words = (word.lower() for word in _WORDS.findall(spaced))
    return " " + "".join(
        (w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w) + " " for w in words
    )
