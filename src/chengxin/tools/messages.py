"""The two languages of what a user reads: Chinese stands in the source, English in `locale/en` (CONTRIBUTING.md).

    python -m chengxin.tools.messages            bring the catalogue up to date with the source
    python -m chengxin.tools.messages --check    fail when a text has no English, an uncertain one, or none uses it

Needs no gettext programs: Babel reads the Python files, Django's own `templatize` turns templates into something that
Babel reads. The compiled catalogue is made on the spot (`compiled`) and never stands in the repository.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE = "en"
PO = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
KEYWORDS = (
    "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
    "npgettext", "npgettext_lazy",
)  # fmt: skip
Texts = str | tuple[str, ...] | list[str]
"""A text, or one for each number (singular and plural)."""

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%[sd]")
_HAN = re.compile("[一-鿿]")


def compiled(into: Path) -> Path:
    """The folder for Django's LOCALE_PATHS, made inside `into` when the catalogue is new; cheap when it is not.

    The folder is named after the content, so that it is never stale and several processes may make it at once. Where
    nothing can be written the interface stays Chinese.
    """
    text = PO.read_bytes()
    folder = into / "locale" / hashlib.sha256(text).hexdigest()[:16]
    target = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
    if not target.exists():
        with contextlib.suppress(OSError):
            _compile(text, target)
    return folder


def _compile(text: bytes, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        write_mo(file, read_po(io.BytesIO(text), locale=LANGUAGE))
    os.replace(part, target)


def extract(root: Path = ROOT) -> Catalog:
    """Every text of the source that is to be translated, with the files that use it."""
    from babel.messages.catalog import Catalog

    catalogue = Catalog(locale=LANGUAGE, project="chengxin", charset="utf-8", fuzzy=False)
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        for text, context in _texts(path):
            catalogue.add(text, context=context, locations=[(path.relative_to(root.parent).as_posix(), 0)])
    return catalogue


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    from babel.messages.extract import DEFAULT_KEYWORDS, extract

    source = path.read_text("utf-8")
    if path.suffix != ".py":
        source = _as_python(source, str(path))
    keywords = {k: DEFAULT_KEYWORDS.get(k.removesuffix("_lazy")) for k in KEYWORDS}
    for _line, text, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=keywords):
        yield text, context
    if path.suffix == ".py":
        yield from _inside_f_strings(source)


def _inside_f_strings(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """The texts of calls inside f-strings, which Python's tokenizer, and so Babel, takes for words before 3.12."""
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, ast.JoinedStr):
            continue
        for call in ast.walk(outer):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                said = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                context = said.pop(0) if call.func.id.startswith(("p", "np")) else None
                if said:
                    yield (said[0] if len(said) == 1 else tuple(said)), context


def _as_python(template: str, origin: str) -> str:
    from django.utils.translation.template import templatize

    lines = templatize(template, origin=origin).splitlines()
    return "\n".join(line.lstrip() for line in lines)  # the tokenizer minds indentation, which means nothing here


def faults(known: Catalog, used: Catalog) -> list[str]:
    """What is wrong with a catalogue: no English, an uncertain or a Chinese one, lost places, no use in the source."""
    found = []
    for message in used:
        ours = known.get(message.id, message.context) if message.id else None
        if message.id and (ours is None or not _whole(ours.string)):
            found.append(f"no English: {_first(message.id)}   ({_where(message.locations)})")
    for message in known:
        if not message.id:
            continue
        if message.fuzzy:
            found.append(f"uncertain (fuzzy): {_first(message.id)}")
        if used.get(message.id, message.context) is None:
            found.append(f"used nowhere: {_first(message.id)}")
        found += _translation_faults(message.id, message.string)
    return [*found, *(f"obsolete: {_first(id)}" for id in known.obsolete)]


def _translation_faults(id: Texts, english: Texts | None) -> list[str]:
    text = english if isinstance(english, str) else "".join(english or ())
    if not text:
        return []
    if _HAN.search(text) and _first(id) not in KEEP_CHINESE:
        return [f"Chinese in the English: {_first(id)}"]
    if isinstance(english, str) and set(_PLACES.findall(_first(id))) != set(_PLACES.findall(text)):
        return [f"other places than the Chinese has: {_first(id)}"]
    return []


KEEP_CHINESE = {"简体中文"}
"""Texts whose English has Chinese in it on purpose."""


def _whole(string: Texts | None) -> bool:
    return bool(string) and (isinstance(string, str) or all(string or ()))


def _first(id: Texts) -> str:
    return id if isinstance(id, str) else id[0]


def _where(locations: list[tuple[str, int]]) -> str:
    return ", ".join(dict.fromkeys(path for path, _ in locations))


def update(known: Catalog, used: Catalog) -> Catalog:
    """The catalogue of `used` with the English of `known`; what nothing uses any more is gone."""
    for message in used:
        ours = known.get(message.id, message.context) if message.id else None
        if ours is not None and _whole(ours.string):
            message.string = ours.string
    return used


def read(path: Path = PO) -> Catalog:
    """The catalogue as it stands; an empty one where there is none."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def write(catalogue: Catalog, path: Path = PO) -> None:
    """Write without dates and line numbers, so that a change of the file is a change of its texts."""
    from babel.messages.pofile import write_po

    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + buffer.getvalue().decode("utf-8"), "utf-8")


HEADER = """\
# English texts of Chengxin; the Chinese ones stand in the source. `python -m chengxin.tools.messages` keeps the list.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="chengxin.tools.messages", description="English texts of the interface.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is missing or stale")
    given = parser.parse_args(arguments)
    used, known = extract(), read()
    if not given.check:
        write(update(known, used))
        known = read()
    problems = faults(known, used)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(known)} texts, {len(problems)} faults")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
