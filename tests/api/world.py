"""Who calls: people of an ecology bureau, of another department, of the centre, and keys that are no longer good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from django.utils import timezone

from chengxin.accounts.actions import make_api_key, make_user
from chengxin.accounts.models import ApiKey, Role
from chengxin.collection import evidence
from chengxin.collection.models import Batch, State
from chengxin.engine.findings import SCHEMA

from ..collection.files import penalty, text
from .client import Api

ECOLOGY, EMERGENCY, CENTRE = "ecology-environment", "emergency", "centre"
PEOPLE: dict[str, list[tuple[str, Role]]] = {
    "submitter": [(ECOLOGY, Role.REPORTER), (ECOLOGY, Role.AUDITOR)],
    "reporter": [(ECOLOGY, Role.REPORTER)],
    "auditor": [(ECOLOGY, Role.AUDITOR)],
    "stranger": [(EMERGENCY, Role.REPORTER), (EMERGENCY, Role.AUDITOR)],
    "steward": [(CENTRE, Role.STEWARD)],
    "visitor": [],
    "suspended": [(ECOLOGY, Role.REPORTER), (ECOLOGY, Role.AUDITOR)],
    "expired": [(ECOLOGY, Role.REPORTER), (ECOLOGY, Role.AUDITOR)],
    "revoked": [(ECOLOGY, Role.REPORTER), (ECOLOGY, Role.AUDITOR)],
    "system": [(CENTRE, Role.OPERATOR)],
    "security": [(CENTRE, Role.SECURITY)],
    "audit": [(CENTRE, Role.AUDIT)],
}


@dataclass(frozen=True)
class World:
    """Everybody with a key; `nobody` has none and `unknown` has one that nobody made."""

    keys: dict[str, str]
    users: dict[str, Any]

    def __getitem__(self, name: str) -> Api:
        return Api(self.keys.get(name))

    @property
    def names(self) -> list[str]:
        return ["nobody", "unknown", *PEOPLE]


def settle() -> World:
    users = {name: make_user(name, name, None, roles) for name, roles in PEOPLE.items()}
    keys = {name: make_api_key(user, "test") for name, user in users.items()}
    users["suspended"].is_active = False
    users["suspended"].save()
    ApiKey.objects.filter(user=users["expired"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    ApiKey.objects.filter(user=users["revoked"]).update(revoked_at=timezone.now())
    return World({**keys, "unknown": "0123456789ab.nobody-made-this"}, users)


def batch(state: State = State.CHECKED, *, source: str = ECOLOGY, by: str = "submitter", **more: Any) -> Batch:
    """A batch as it stands after its check, without the check; it says that it is large, so that it waits for a worker."""
    fault = {"rule": "penalty.document_number.required", "field": "文号", "level": "reject", "count": 1}
    kept = evidence.keep([text([penalty(n) for n in range(1, 6)]).encode()])
    given = {
        "item": "penalty", "source_id": source, "channel": "api", "state": state, "submitted_by": by,
        "month": f"{timezone.localdate():%Y-%m}", "file_name": "处罚.csv", "file_sha256": kept.sha256, "file_size": 10**8,
        "received": 3, "rejected": 1, "doubtful": 1, "faults": [fault],
    }  # fmt: skip
    made = Batch.objects.create(**given | more)
    rows = [
        (n, "penalty.document_number.required", "reject", "文号", "", "文号", f"第{n}行没有文号") for n in range(1, 6)
    ]
    rows += [(2, "penalty.key.duplicate", "doubt", "文号", "苏环罚〔2026〕2号", "只有一行", "同一文号有两行")]
    frame = pl.DataFrame(rows, schema=list(SCHEMA), orient="row").cast(dict(SCHEMA))  # type: ignore[arg-type]
    frame.write_csv(evidence.folder_of(made.pk) / "receipt.csv")
    return made
