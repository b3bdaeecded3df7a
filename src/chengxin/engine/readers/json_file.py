"""Opens JSON: one object a line (JSON Lines), or one array of objects (F-02, R-032).

Python's own parser is used because it alone keeps the text of numbers (1.10 stays 1.10, long codes stay whole) and shows
keys that occur twice; Polars' reader rounds the former and drops the latter without a word. It reads about 100 MB/s.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from chengxin.engine.readers import encodings
from chengxin.engine.readers.blanks import clean
from chengxin.engine.readers.headings import Headings, read_headings
from chengxin.engine.readers.model import SHOWN, Fault, Limits, Piece, Source
from chengxin.engine.readers.refusals import amount, refuse
from chengxin.standards.text import BLANKS

_ROWS: Final = 10_000
_RECORD: Final = 16 << 20
_EXPECTED: Final = "一个完整的 JSON 对象，键不重复"
_SEPARATORS: Final = re.compile(r"[\s,]*")
_NO_KEY: Final = "（无标题）"

Record = dict[str, Any] | str
"""An object, or the text of something that is none."""


class _Number(str):
    """A number as it was written."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(
    parse_int=_Number, parse_float=_Number, parse_constant=_no_constant, object_pairs_hook=_pairs
)


def open_json(path: Path, limits: Limits) -> Source:
    """The JSON file at `path`, read once here for its keys, which may differ from object to object.

    Raises `FileRefused`: not-records when nothing in it is an object, damaged when an array breaks off.
    """
    encoding, mark = encodings.detect(path)

    def records() -> Iterator[Record | None]:
        return _records(encodings.blocks(path, encoding, mark))

    keys = _keys(records(), limits)
    headings = read_headings([clean(k) or _NO_KEY for k in keys], limits, least=1)
    return Source(
        path=path,
        format="jsonl",
        columns=headings.columns,
        size=path.stat().st_size,
        pieces=lambda: _pieces(records(), keys, headings),
        encoding=encoding,
        header_row=0,
        max_cell_chars=limits.max_cell_chars,
    )


def _keys(records: Iterator[Record | None], limits: Limits) -> list[str]:
    keys: dict[str, None] = {}
    first = ""
    for record in records:
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
            if len(keys) > limits.max_columns:
                raise refuse("too-many-columns", found=len(keys), limit=limits.max_columns)
        elif record and not first:
            first = record
    if not keys:
        raise refuse("not-records", found=f"“{first[:50]}”") if first else refuse("no-rows")
    return list(keys)


def _pieces(records: Iterator[Record | None], keys: list[str], headings: Headings) -> Iterator[Piece]:
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for record in records:
        if isinstance(record, str):
            faults.append(Fault(len(rows), _kind(record), record[:SHOWN], _EXPECTED))
        elif record and "\0" in (text := "".join(v for v in record.values() if isinstance(v, str))):
            faults.append(Fault(len(rows), "control-characters", text[:SHOWN], "没有控制字符的文本"))
            record = None
        rows.append(record if isinstance(record, dict) else {})
        if len(rows) == _ROWS:
            yield Piece(_frame(rows, keys, headings), faults)
            rows, faults = [], []
    if rows:
        yield Piece(_frame(rows, keys, headings), faults)


def _kind(text: str) -> str:
    return "bad-bytes" if "\ufffd" in text else "bad-json"


def _frame(rows: list[dict[str, Any]], keys: list[str], headings: Headings) -> pl.DataFrame:
    table = [pl.Series(f"c{i}", [_text(row.get(key)) for row in rows], dtype=pl.String) for i, key in enumerate(keys)]
    return headings.pick(pl.DataFrame(table))


def _text(value: Any) -> str | None:
    """A value as a cell: text as it is, numbers as written, nested values as JSON."""
    if value is None or isinstance(value, str):
        return value.strip(BLANKS) or None if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _nested(value)


def _nested(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_nested(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_nested(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _records(blocks: Iterator[encodings.Block]) -> Iterator[Record | None]:
    """What stands in the file, one item a row: None for a blank line."""
    first = b""
    for block in blocks:
        first += block
        if first.strip():
            break
    blocks = _chain(first, blocks)
    return _array(blocks) if first.lstrip().startswith(b"[") and not _is_lines(first) else _lines(blocks)


def _is_lines(start: bytes) -> bool:
    """Whether the first line is a JSON value of its own, so that this is a file of lines and not one array."""
    line, _, below = start.lstrip().partition(b"\n")
    try:
        _DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return False
    return bool(below.strip())


def _chain(first: bytes, blocks: Iterator[encodings.Block]) -> Iterator[encodings.Block]:
    yield first
    yield from blocks


def _lines(blocks: Iterator[encodings.Block]) -> Iterator[Record | None]:
    rest = b""
    for block in blocks:
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if len(rest) > _RECORD:
            raise refuse("line-too-long", row=1, limit=amount(_RECORD))
        yield from map(_object, lines)
    if rest:
        yield _object(rest)


def _object(line: bytes) -> Record | None:
    if not line.strip():
        return None
    try:
        value = _DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return line.decode("utf-8", "replace").strip()
    return value if isinstance(value, dict) else line.decode().strip()


def _array(blocks: Iterator[encodings.Block]) -> Iterator[Record | None]:
    """The items of one array. Past a fault its items cannot be told apart any more, so a fault refuses the file."""
    text, row, opened = "", 0, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _chain(b"", blocks):
        try:
            text += decoder.decode(block)
        except UnicodeDecodeError as error:
            raise refuse("damaged", reason=f"数组第 {row + 1} 项起有无法识别的字节") from error
        at = _past_separators(text, 0 if opened else text.find("[") + 1)
        opened = opened or at > 0
        while at < len(text) and text[at] != "]":
            try:
                value, end = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                if len(text) - at > _RECORD:
                    raise refuse("damaged", reason=f"数组第 {row + 1} 项不完整") from error
                break
            if end == len(text):
                break
            yield value if isinstance(value, dict) else str(text[at:end])
            row, at = row + 1, _past_separators(text, end)
        text = text[at:]
    if not text.startswith("]") or text[1:].strip():
        raise refuse("damaged", reason=f"数组第 {row + 1} 项不完整，或数组没有结束")


def _past_separators(text: str, at: int) -> int:
    found = _SEPARATORS.match(text, at)
    return found.end() if found else at
