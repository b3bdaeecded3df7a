"""Records about natural persons as the register keeps them: a hash in place of the person, sealed values in place of
personal data (G-13, S-17, R-256, R-264, PIPL 6, 28, 51).

What is reported becomes this after the check and before anything is stored. Every personal value is sealed with the key of
the month in which its record's term ends: when that key is deleted, it is erased everywhere (`registry.erasing`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa
from django.utils.translation import gettext as _

from chengxin.accounts.persons import person_code, person_hashing_key
from chengxin.accounts.store_key import Gone, TermKeys, derived
from chengxin.policy.catalogue import Item
from chengxin.standards.hashing import hmac_sm3
from chengxin.standards.masking import mask, mask_name

SEALED = "sealed_"
"""Prefix of the staged columns that hold personal values until `protect` has sealed them."""
_MARK = "sealed:"
NAMELESS = "*"
_ALWAYS = "9999-12"
"""The term of what no policy should let in: a record about a person without an end of keeping."""


def protect(rows: pa.Table, item: Item) -> pa.Table:
    """The staged rows of an item about persons without a personal datum in the open.

    `code` comes in as the number of the identity document and `name` as the full name; they go out as the person's code and
    the masked name. The columns `sealed_<field>` join the payload as sealed values. Key and hash of the key are keyed:
    nobody can try numbers against them. Works on distinct values: SM3 and SM4 have no form over columns, so each
    different value costs some microseconds (docs/decisions/0009).
    """
    frame = pl.DataFrame(pl.from_arrow(rows)).with_columns(
        pl.col("retain_until").dt.strftime("%Y-%m").fill_null(_ALWAYS).alias("term"), pl.col("name").alias("full_name")
    )
    frame = _joined(frame, ["full_name", "code"], "person", _person(person_hashing_key()))
    frame = _joined(frame, ["full_name"], "masked", lambda name: mask_name(name) or NAMELESS)
    frame = _joined(frame, ["key"], "kept_key", _key_of(item))
    keys, sealed = TermKeys(), []
    for field in item.sealed_fields:
        column = SEALED + field.id
        frame = _joined(frame, [column, "person", "term"], f"{column}_kept", _sealing(keys, item, field.id))
        text = pl.format('"{}":"{}"', pl.lit(field.id), pl.col(f"{column}_kept"))
        sealed.append(pl.when(pl.col(f"{column}_kept").is_null()).then(None).otherwise(text))
    inner = pl.col("payload").str.head(-1).str.tail(-1)
    parts = [pl.when(inner == "").then(None).otherwise(inner), *sealed]
    frame = frame.with_columns(
        pl.concat_str([pl.lit("{"), pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("}")]).alias(
            "payload"
        ),
        pl.col("person").alias("code"),
        pl.col("masked").alias("name"),
        pl.col("person").alias("name_key"),  # nobody is found, or joined, by name
        pl.col("kept_key").alias("key"),
        pl.col("kept_key").str.head(32).alias("key_hash"),
    )
    return frame.select(n for n in rows.column_names if not n.startswith(SEALED)).to_arrow()


def _joined(frame: pl.DataFrame, columns: list[str], name: str, make: Any) -> pl.DataFrame:
    """The frame with a column made of the distinct combinations of `columns`; absent where the first of them is."""
    distinct = frame.select(columns).drop_nulls(columns[0]).unique()
    made = pl.Series(name, [make(*row) for row in distinct.iter_rows()], dtype=pl.String)
    return frame.join(distinct.with_columns(made), on=columns, how="left", nulls_equal=True, maintain_order="left")


def _person(key: bytes) -> Any:
    return lambda name, number: person_code(name, number, key=key)


def _key_of(item: Item) -> Any:
    secret = derived("natural keys")
    return lambda key: hmac_sm3(secret, f"{item.id}\x1f{key}".encode()).hex()


def _sealing(keys: TermKeys, item: Item, field: str) -> Any:
    def sealed(value: str, code: str, term: str) -> str:
        return _MARK + base64.b64encode(keys.seal_alike(value.encode(), _context(item.id, field, code), term)).decode()

    return sealed


def _context(item: str, field: str, code: str) -> bytes:
    """Where a value belongs: it does not open in another field, item or person's record."""
    return f"{item}\x1f{field}\x1f{code}".encode()


def told(payload: Mapping[str, Any], item: Item, code: str, *, whole: bool) -> dict[str, Any]:
    """The content of a record with its sealed values opened (`whole`: for the person alone) or masked for everybody else.

    A value whose term is over says that it was erased. Raises `SealError` for a value that was altered or moved.
    """
    keys, found = TermKeys(), dict(payload)
    for field in item.sealed_fields:
        value = found.get(field.id)
        if not isinstance(value, str) or not value.startswith(_MARK):
            continue
        try:
            text = keys.unseal(base64.b64decode(value.removeprefix(_MARK)), _context(item.id, field.id, code)).decode()
        except Gone:
            found[field.id] = _("（保存期满，已删除）")
            continue
        found[field.id] = text if whole else mask(field.mask or "name", text)
    return found
