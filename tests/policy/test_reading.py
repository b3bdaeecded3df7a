"""Keys are found on their lines, however the TOML is written."""

from __future__ import annotations

import tomllib

import pytest

from chengxin.policy.reading import Lines, dotted

TEXT = '''# a comment with [brackets] and a = sign
kind = "x"
list = [
  "a = 1",   # b = 2
  "c",
]
long = """
[not.a.table]
key = "not a key"
"""

[item]
id = "one"
"quoted key" = 1
inline = { a = 1, b = { c = 2 }, d = ["e = 5", "f"] }
rows = [
  { id = "x", reason = "first" },
  { id = "y", more = [
    "a"], reason = "second" },
]

[[field]]
id = "f0"

[[field]]
id = "f1"
[field.deep]
a = 1

[[field.sub]]
b = 2
[[field.sub]]
b = 3
'''

WHERE = [
    ((), 1),
    (("kind",), 2),
    (("list",), 3),
    (("list", 1), 5),
    (("long",), 7),
    (("key",), 1),
    (("item",), 12),
    (("item", "id"), 13),
    (("item", "quoted key"), 14),
    (("item", "inline", "b", "c"), 15),
    (("item", "missing"), 12),
    (("item", "rows", 0, "reason"), 17),
    (("item", "rows", 1), 18),
    (("item", "rows", 1, "reason"), 19),
    (("item", "rows", 0, "missing"), 17),
    (("field", 0, "id"), 23),
    (("field", 1, "id"), 26),
    (("field", 1, "missing"), 25),
    (("field", 1, "deep", "a"), 28),
    (("field", 1, "sub", 1, "b"), 33),
    (("field", 7), 1),
]


@pytest.mark.parametrize(("path", "line"), WHERE, ids=[dotted(w[0]) or "(top)" for w in WHERE])
def test_line_of_a_key(path, line) -> None:
    tomllib.loads(TEXT)
    assert Lines(TEXT).of(path) == line


def test_paths_are_counted_from_one() -> None:
    assert dotted(("field", 0, "table")) == "field[1].table"
