"""Reads TOML and CSV files and remembers on which line each key stands."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path
from typing import Any

from chengxin.policy.errors import PolicyError, Problem

TomlPath = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*\[(?!\[)\s*([\w.\-\"]+)\s*\]")
_ARRAY = re.compile(r"^\s*\[\[\s*([\w.\-\"]+)\s*\]\]")
_KEY = re.compile(r"^\s*(\"[^\"]+\"|'[^']+'|[\w.\-]+)\s*=")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|#.*|[\[\]{}]")
_LIST_TOKEN = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|#.*|[\[\]{},]|[\w.\-]+")


class Lines:
    """Where the keys of a TOML text stand. Tables, arrays of tables and keys at the start of a line are known exactly;
    what lies deeper (inside an inline table) is looked for behind its parent.
    """

    def __init__(self, text: str) -> None:
        self.rows = text.splitlines()
        self._at: dict[TomlPath, int] = {(): 1}
        self._tables: set[TomlPath] = {()}
        self._scan()

    def of(self, path: TomlPath) -> int:
        """The 1-based line of `path`, or of the nearest thing around it."""
        known = len(path)
        while path[:known] not in self._at:
            known -= 1
        line = self._at[path[:known]]
        if known == len(path) or path[:known] in self._tables:
            return line
        text = "\n".join(self.rows[line - 1 : line + 200])
        return line + text.count("\n", 0, _inside(text, path[known:]))

    def _scan(self) -> None:
        counts: dict[TomlPath, int] = {}
        here: TomlPath = ()
        depth, quote = 0, ""
        for number, row in enumerate(self.rows, 1):
            if depth == 0 and not quote:
                if match := _ARRAY.match(row):
                    here = self._array(match[1], counts)
                    self._at[here] = number
                    self._tables.add(here)
                    continue
                if match := _TABLE.match(row):
                    here = self._nested(match[1], counts)
                    self._at[here] = number
                    self._tables.add(here)
                    continue
                if match := _KEY.match(row):
                    self._at.setdefault((*here, *_parts(match[1])), number)
            depth, quote = _balance(row, depth, quote)

    @staticmethod
    def _nested(name: str, counts: dict[TomlPath, int]) -> TomlPath:
        """The path of a table; a step that names an array of tables means its newest element."""
        path: TomlPath = ()
        for part in _parts(name):
            path = (*path, part)
            if path in counts:
                path = (*path, counts[path])
        return path

    def _array(self, name: str, counts: dict[TomlPath, int]) -> TomlPath:
        *before, last = _parts(name)
        base = (*(self._nested(".".join(before), counts) if before else ()), last)
        counts[base] = counts.get(base, -1) + 1
        return (*base, counts[base])


def _inside(text: str, path: TomlPath) -> int:
    """The offset of what lies at `path` inside the value that `text` begins with, as far as it can be followed."""
    at = 0
    for step in path:
        found = _element(text, at, step) if isinstance(step, int) else _key(text, at, step)
        if found < 0:
            break
        at = found
    return at


def _element(text: str, at: int, wanted: int) -> int:
    """The offset of an element of the first list behind `at`, or -1."""
    depth = count = 0
    for mark in _LIST_TOKEN.finditer(text, max(text.find("[", at), at)):
        if mark[0].startswith("#"):
            continue
        if depth == 1 and count == wanted and mark[0] not in ",]":
            return mark.start()
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        count += mark[0] == "," and depth == 1
        if depth == 0:
            break
    return -1


def _key(text: str, at: int, wanted: str) -> int:
    """The offset of a key of the first inline table behind `at`, or -1."""
    depth = 0
    for mark in _LIST_TOKEN.finditer(text, max(text.find("{", at), at)):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 1 and mark[0].strip("\"'") == wanted and text[mark.end() :].lstrip(" ").startswith("="):
            return mark.start()
        if depth == 0:
            break
    return -1


def _parts(name: str) -> list[str]:
    parts = [name] if name[0] in "\"'" else name.split(".")
    return [part.strip("\"' ") for part in parts]


def _balance(row: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and the open multi-line quote at the end of `row`."""
    for mark in _TOKEN.findall(row):
        if quote:
            quote = "" if mark == quote else quote
        elif mark in ('"""', "'''"):
            quote = mark
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
    return depth, quote


def read_toml(file: Path, name: str) -> tuple[dict[str, Any], Lines]:
    """The file's contents and its line index. Raises `PolicyError` with the line when it is no UTF-8 or no TOML."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError([Problem(name, 0, "", f"bytes that are not UTF-8 ({error.reason})", "UTF-8 text")]) from error
    try:
        return tomllib.loads(text), Lines(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        reason = re.sub(r"\s*\(at [^)]*\)", "", str(error))
        raise PolicyError([Problem(name, line, "", f"no TOML: {reason}", "a TOML file (https://toml.io)")]) from error


def read_csv(file: Path, name: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header and rows (line number, cells) of a UTF-8 CSV file. Raises `PolicyError` when a row has the wrong width."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError([Problem(name, 0, "", f"bytes that are not UTF-8 ({error.reason})", "UTF-8 text")]) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[Problem] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            problems.append(
                Problem(name, reader.line_num, "", f"{len(cells)} cells", f"{len(header)} as in the header")
            )
        rows.append((reader.line_num, dict(zip(header, (c.strip() for c in cells), strict=False))))
    if problems:
        raise PolicyError(problems)
    return header, rows


def dotted(path: TomlPath) -> str:
    """A path as a reader writes it: field[3].table."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
