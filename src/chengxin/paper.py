"""What every paper (letters, reports) needs: Chinese fonts, the certainty that no character is printed as nothing, and
the sheet on which letters of every room are set.

The fonts are those that `./dev` fetches (Noto Sans SC, a locked dependency) before those of this machine (Debian's
fonts-noto-cjk), or only those of the folder that `CHENGXIN_FONTS` names.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import typst

FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC")
OURS = Path(__file__).with_name("fonts")
"""Where `./dev` puts them; the same everywhere, so that the same snapshot gives the same bytes on every machine."""


_LETTER = Path(__file__).with_name("letter.typ")
_COUNTRY = {"zh": ("cn", "："), "en": ("gb", ":")}


@dataclass(frozen=True)
class Sheet:
    """A letter as it is set: what stands above it, for whom, from whom, what it says; `check` is small print at its foot."""

    title: str
    number: str
    to: str
    sender: str
    paragraphs: Sequence[str]
    day: date
    check: str


def letter_pdf(sheet: Sheet, language: str = "zh") -> bytes:
    """The letter as PDF in Chinese (`zh`) or English (`en`): the same letter is the same file, byte for byte.

    Raises `NoChineseFont`.
    """
    found, families = fonts()
    region, colon = _COUNTRY[language]
    day = sheet.day
    values = {
        "title": sheet.title, "number": sheet.number, "to": sheet.to, "from": sheet.sender,
        "paragraphs": list(sheet.paragraphs), "date": day.isoformat(), "year": day.year, "month": day.month,
        "day": day.day, "lang": language, "region": region, "colon": colon, "fonts": families, "check": sheet.check,
    }  # fmt: skip
    inputs = {"letter": json.dumps(values, ensure_ascii=False)}
    made: bytes = typst.compile(_LETTER, format="pdf", font_paths=found, sys_inputs=inputs)
    return made


class NoChineseFont(Exception):
    """This machine has none of `FAMILIES`; nothing Chinese could be printed."""


def fonts() -> tuple[typst.Fonts, tuple[str, ...]]:
    """The fonts to print with, and which of `FAMILIES` are there, the first choice first. Raises `NoChineseFont`."""
    return _fonts(os.environ.get("CHENGXIN_FONTS", ""))


def unprintable(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters of the texts that no font of ours has, such as rare ones of names (生僻字), in order of code point.

    Typst prints them as nothing and says nothing. Raises `NoChineseFont`.
    """
    known = _covered(os.environ.get("CHENGXIN_FONTS", ""))
    used = set().union(*texts) if texts else set()
    return tuple(sorted(c for c in used if ord(c) not in known and c not in "\n\t\u200b"))


def written_out(text: str, missing: Iterable[str]) -> str:
    """The text with each such character replaced by its code point, 〔U+20BB7〕, so that the reader sees what is lacking."""
    for character in missing:
        text = text.replace(character, f"〔U+{ord(character):04X}〕")
    return text


@lru_cache(maxsize=4)
def _fonts(folder: str) -> tuple[typst.Fonts, tuple[str, ...]]:
    ours = [str(OURS)] if OURS.is_dir() else []
    found = typst.Fonts(font_paths=[folder] if folder else ours, include_system_fonts=not folder)
    here = set(found.families())
    families = tuple(name for name in FAMILIES if name in here)
    if not families:
        raise NoChineseFont(", ".join(FAMILIES))
    return found, families


@lru_cache(maxsize=4)
def _covered(folder: str) -> frozenset[int]:
    """Code points that the regular weights of our families have: what the first lacks is taken from the next."""
    found, families = _fonts(folder)
    known: set[int] = set()
    for family in families:
        faces = [f for f in found.fonts() if f.family == family and f.path and f.style == "normal"]
        face = min(faces, key=lambda f: abs(f.weight - 400))
        known |= _cmap(Path(str(face.path)).read_bytes(), face.index)
    return frozenset(known)


def _cmap(data: bytes, index: int) -> frozenset[int]:
    """The code points of a font's `cmap` table (OpenType, formats 4 and 12; `index` is the face in a collection)."""
    start = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    (count,) = struct.unpack_from(">H", data, start + 4)
    entries = (struct.unpack_from(">4sIII", data, start + 12 + 16 * n) for n in range(count))
    cmap = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
    (parts,) = struct.unpack_from(">H", data, cmap + 2)
    points: set[int] = set()
    for n in range(parts):
        (offset,) = struct.unpack_from(">I", data, cmap + 8 + 8 * n)
        at = cmap + offset
        (form,) = struct.unpack_from(">H", data, at)
        if form == 12:
            (groups,) = struct.unpack_from(">I", data, at + 12)
            for first, last, _ in struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups]):
                points.update(range(first, last + 1))
        elif form == 4:
            (twice,) = struct.unpack_from(">H", data, at + 6)
            ends = struct.unpack_from(f">{twice // 2}H", data, at + 14)
            starts = struct.unpack_from(f">{twice // 2}H", data, at + 16 + twice)
            points.update(p for a, b in zip(starts, ends, strict=True) for p in range(a, b + 1) if p != 0xFFFF)
    return frozenset(points)
