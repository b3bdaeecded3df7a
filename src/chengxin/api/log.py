"""The provable log by API: checkpoints and proofs for everybody, so that nobody has to take our word (R-082, R-373).

How to check them: docs/audit.md, and docs/verify_log.py, which needs nothing of ours.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

from ninja import Field, Path, Query, Router, Schema

from chengxin.api.door import Asked, operation, public
from chengxin.api.errors import Problem
from chengxin.audit import proving
from chengxin.audit.models import LogKey
from chengxin.registry.sealed import public_now

router = Router(tags=["log"])
_MAX = 2**62
Hex = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int | None, Query(None, ge=1, le=_MAX, description="Leaves of a checkpoint; without it, the newest.")]


class LogKeyOut(Schema):
    """A public key that signs, or signed, checkpoints larger than `since` and up to `until`."""

    number: int
    algorithm: str
    public: str = Field(description="SubjectPublicKeyInfo, DER in base64.")
    since: int
    until: int | None


class CheckpointOut(Schema):
    """A signed statement of the root of the tree (C2SP tlog-checkpoint)."""

    size: int
    root: Hex
    note: str = Field(description="What is signed, and the signature; kept by witnesses as it is.")
    keys: list[LogKeyOut]


class InclusionOut(Schema):
    """A proof that a leaf stands in the tree of a checkpoint (RFC 9162 2.1.3)."""

    index: int
    size: int
    suite: str
    commitment: Hex
    proof: list[Hex]
    checkpoint: str


class RecordProofOut(InclusionOut):
    """The same for a published record: H(salt || open || inner) is the commitment."""

    kind: str
    ref: int
    open: str
    salt: str
    inner: Hex


class ConsistencyOut(Schema):
    """A proof that the log only grew from one checkpoint to another (RFC 9162 2.1.4)."""

    first: int
    second: int
    suite: str
    proof: list[Hex]
    checkpoints: list[str]


_WHY = public("proofs are for everybody; they hold nothing that is not public")


@operation(
    router, "GET", "/log/checkpoint", _WHY, response={200: CheckpointOut, 304: None}, errors=(404, 422),
)  # fmt: skip
def get_checkpoint(request: Asked, size: Size = None) -> Any:
    """The newest checkpoint of the log, or the one of a size, with the public keys."""
    found = _found(lambda: proving.at_size(size))
    keys = LogKey.objects.filter(since__gte=0).order_by("number")
    told = [
        {
            "number": key.number, "algorithm": key.algorithm, "public": base64.b64encode(bytes(key.public)).decode(),
            "since": key.since, "until": key.until,
        }
        for key in keys
    ]  # fmt: skip
    return {"size": found.size, "root": bytes(found.root).hex(), "note": found.note, "keys": told}


@operation(
    router, "GET", "/log/inclusion", _WHY, response={200: InclusionOut, 304: None}, errors=(404, 422),
)  # fmt: skip
def get_inclusion(
    request: Asked, index: Annotated[int, Query(ge=0, le=_MAX, description="Place of the leaf.")], size: Size = None
) -> Any:
    """The proof that a leaf is in the log."""
    return _found(lambda: proving.prove_inclusion(index, size))


@operation(
    router, "GET", "/log/consistency", _WHY, response={200: ConsistencyOut, 304: None}, errors=(404, 422),
)  # fmt: skip
def get_consistency(
    request: Asked,
    first: Annotated[int, Query(ge=1, le=_MAX, description="Leaves of the older checkpoint.")],
    second: Annotated[
        int | None, Query(None, ge=1, le=_MAX, description="Leaves of the newer one; without it, the newest.")
    ] = None,
) -> Any:
    """The proof that the log only grew between two checkpoints."""
    return _found(lambda: proving.prove_consistency(first, second))


@operation(
    router, "GET", "/log/records/{change}", _WHY, response={200: RecordProofOut, 304: None}, errors=(404, 422),
)  # fmt: skip
def get_record_proof(
    request: Asked,
    change: Annotated[int, Path(ge=1, le=_MAX, description="`change` of a published record, as the profile names it.")],
) -> Any:
    """The proof that a record that everybody sees now is the one in the log."""
    if not public_now(change):
        raise Problem("not-found")
    return _found(lambda: proving.prove_row("record", change, reveal=True))


def _found(ask: Any) -> Any:
    try:
        return ask()
    except proving.NotSealed as missing:
        raise Problem("not-found") from missing
