"""Addresses are named once, in the URL table: no page, form or link of the faces writes one out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import chengxin

HOME = Path(chengxin.__file__).parent
BY_HAND = re.compile(r"""["'](?:/workbench(?:["'/?])|/my["'/])""")


def test_no_address_of_the_workbench_or_the_own_space_is_written_by_hand() -> None:
    files = [f for face in ("workbench", "own") for f in (HOME / face).rglob("*") if f.suffix in (".py", ".html")]
    assert len(files) > 150
    found = [
        f"{f.relative_to(HOME)}:{n}: {line.strip()}"
        for f in files
        for n, line in enumerate(f.read_text("utf-8").splitlines(), 1)
        if BY_HAND.search(line)
    ]
    assert not found, "\n".join(found)
