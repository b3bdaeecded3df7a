"""The document's words on submitting: Ninja cannot say that a body is either a form or a bare file."""

from __future__ import annotations

from typing import Any

from chengxin.api.uploads import ITEM, KEY, NAME, SLUG, SOURCE

_SLUG = {"type": "string", "pattern": SLUG}
BODY: dict[str, Any] = {
    "required": True,
    "description": "CSV (UTF-8 or GB18030), XLSX, JSON Lines or Parquet; its type is found from the content.",
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "item", "source"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "item": {**_SLUG, "description": "Catalogue item, such as penalty."},
                    "source": {**_SLUG, "description": "Source unit, such as ecology-environment."},
                },
            }
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
    },
}


def _header(name: str, description: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": required, "description": description, "schema": schema}


HEADERS = [
    _header(
        KEY,
        "A new one for each file, the same one for each retry: nothing is submitted twice.",
        {"type": "string", "pattern": "^[!-~]{1,100}$"},
        required=True,
    ),
    _header(ITEM, "Catalogue item, when the body is the bare file.", _SLUG),
    _header(SOURCE, "Source unit, when the body is the bare file.", _SLUG),
    _header(NAME, "The file's name, percent-encoded UTF-8, when the body is the bare file.", {"type": "string"}),
]
