"""The file of a batch checked and merged; one about natural persons over a private copy, of which only what is masked
leaves (G-13, R-256).

The check and the merge are the same for every file. What they write besides (keys, a receipt that quotes cells, an error
that names a value) stays for a file about persons in a folder of this process and goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from chengxin.collection import receipts
from chengxin.collection.checking import Checked, check_file
from chengxin.collection.evidence import opened
from chengxin.collection.merging import merge_file
from chengxin.collection.models import Batch
from chengxin.collection.verdict import Verdict
from chengxin.engine.check import RuleFault
from chengxin.engine.readers import FileRefused
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.evidence import private
from chengxin.registry.merge import Header


class HiddenFault(Exception):
    """Something of ours failed over a file about persons; only its kind is told, for its words may quote a row."""


def check_file_of(batch: Batch, item: Item, packs: Policies, *, folder: Path, **given: Any) -> Checked:
    """`checking.check_file` over the file of the batch, with its receipt and verdict in `folder`. Raises as that does."""
    with opened(batch) as path:
        if not item.personal:
            return check_file(path, item, packs, folder=folder, **given)
        with _silent(), private() as hidden:
            # Nobody asks the register whether it knows a person: whoever is reported becomes known by it.
            checked = check_file(path, item, packs, folder=hidden, ask_register=False, **given)
            rules = packs.rules(item.id, given["reported_on"])
            found = receipts.masked(receipts.read(hidden), rules, {f.id for f in item.sealed_fields})
            receipts.replace(folder, [found])
            Verdict.load(hidden / "verdict.parquet").save(folder / "verdict.parquet")
            checked.headings = _headings(checked.headings)
            return checked


def merge_file_of(batch: Batch, item: Item, packs: Policies, header: Header, verdict: Verdict, **given: Any) -> None:
    """`merging.merge_file` over the file of the batch. Raises as that does."""
    with opened(batch) as path, _silent() if item.personal else nullcontext():
        merge_file(path, item, packs, header, verdict, **given)


def _headings(told: dict[str, object]) -> dict[str, object]:
    """What was made of the first line; a file without one has a person in it, so headings nobody knows are only counted."""
    unknown, dropped = told["unknown"], told["dropped"]
    assert isinstance(unknown, list) and isinstance(dropped, list)
    hidden = [{"heading": receipts.HIDDEN, "nearest": None} for _ in unknown]
    return told | {"unknown": hidden, "dropped": [receipts.HIDDEN for _ in dropped]}


@contextmanager
def _silent() -> Iterator[None]:
    """Refusals and faults without what they quote; the chain of causes is cut, so that no log prints it."""
    try:
        yield
    except FileRefused as refusal:
        raise FileRefused(refusal.code, _unquoted(refusal.message), _unquoted(refusal.message_en)) from None
    except RuleFault as fault:
        raise RuleFault(fault.rule, "the values are not shown") from None
    except Exception as fault:
        if type(fault).__module__.startswith("chengxin."):  # ours quote no cell: a batch taken over by another worker
            raise
        raise HiddenFault(f"{type(fault).__name__} over a file with personal data") from None


_QUOTED = re.compile("“[^”]*”")


def _unquoted(text: str) -> str:
    return _QUOTED.sub(receipts.HIDDEN, text)
