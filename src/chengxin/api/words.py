"""What is said of a value that is not as required, by the kind of fault (the names are pydantic's)."""

from __future__ import annotations

_INTEGER = ("应是整数。", "It must be an integer.")
_TEXT = ("应是文字。", "It must be text.")

OTHERWISE = ("不合要求，请对照接口文档。", "It is not as required; please see the API document.")
INVALID: dict[str, tuple[str, str]] = {
    "missing": ("必须给出。", "It is required."),
    "extra_forbidden": ("没有这个字段。", "There is no such field."),
    "int_parsing": _INTEGER,
    "int_type": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing_size": ("数太大。", "The number is too large."),
    "greater_than_equal": ("不能小于 {ge}。", "It must be at least {ge}."),
    "less_than_equal": ("不能大于 {le}。", "It must be at most {le}."),
    "string_type": _TEXT,
    "string_unicode": ("不是有效的 Unicode 文字。", "It is not valid Unicode text."),
    "string_too_short": ("至少 {min_length} 个字符。", "It must have at least {min_length} characters."),
    "string_too_long": ("最多 {max_length} 个字符。", "It must have at most {max_length} characters."),
    "string_pattern_mismatch": ("写法不对，应符合 {pattern}。", "It must match {pattern}."),
    "enum": ("应是其中之一：{expected}。", "It must be one of {expected}."),
    "literal_error": ("应是其中之一：{expected}。", "It must be one of {expected}."),
    "model_attributes_type": ("应是一个 JSON 对象。", "It must be a JSON object."),
    "model_type": ("应是一个 JSON 对象。", "It must be a JSON object."),
    "dict_type": ("应是一个 JSON 对象。", "It must be a JSON object."),
}
