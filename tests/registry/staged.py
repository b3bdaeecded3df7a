"""Staged rows by hand, as collection would hand them to the register."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pyarrow as pa

from chengxin.registry.merge import MASTER, STAGE, Header, Outcome, merge
from chengxin.standards.text import name_key
from chengxin.standards.uscc import make_uscc

YUNLING = make_uscc("9", "1", "320500", "MA1YUNL1")
BOHE = make_uscc("9", "1", "320100", "MA1B0HE1")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def row(number: int, code: str, name: str, key: str, **more: object) -> dict[str, object]:
    """One accepted row; `more` overrides any staged column, `content` stands for the payload's content."""
    payload = json.dumps(more.pop("content", {"document_number": key}), ensure_ascii=False)
    scheme = str(more.pop("scheme", "uscc"))
    made: dict[str, object] = {
        "row": number, "scheme": scheme, "code": code, "kind": "organisation", "name": name, "name_key": name_key(name),
        "organisation_code": code[8:17] if scheme == "uscc" else "", "key": key, "key_hash": md5(key), "variant": "",
        "held": 0, "severity": "general", "region": "320500", "decided_on": date(2026, 3, 1), "expires_on": None,
        "publish": 1, "public_until": date(2027, 3, 1), "repair_from": date(2026, 6, 1), "retain_until": date(2031, 3, 1),
        "due_on": date(2027, 3, 1), "payload": payload, "content_hash": md5(code + payload),
        "former_code": "", "former_names": None, "industry": "", "status": "", "address": "", "registered_on": None,
    }  # fmt: skip
    return made | more


def send(
    *rows: dict[str, object], source: str = "ecology-environment", item: str = "penalty", batch: int = 1
) -> Outcome:
    """Merge the rows as one chunk."""
    master = item == "registration"
    schema = pa.schema([*STAGE, *(MASTER if master else ())])
    table = pa.Table.from_pylist([{f.name: r[f.name] for f in schema} for r in rows], schema=schema)
    return merge(table, Header(item, "2026.1", source, batch, "reporter", master=master))
