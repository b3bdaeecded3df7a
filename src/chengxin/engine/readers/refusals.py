"""Why a file is refused or a line cannot be read, and what to do about it, in plain Chinese and English (F-02)."""

from __future__ import annotations

from typing import Final

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "empty": (
        "文件是空的，没有任何内容。请确认导出成功后再提交。",
        "The file is empty. Check the export and send it again.",
    ),
    "no-rows": (
        "文件只有标题行，没有数据行。请确认导出成功。确实没有可报的，不用报送；被催报时，在催报里回复即可。",
        "The file has headings but no rows. Check the export. If there is nothing to report, send nothing; if you are "
        "reminded, answer the reminder.",
    ),
    "no-header": (
        "找不到标题行：前 {lines} 行里没有任何一行有两个以上的单元格。请在数据上方保留一行列名。",
        "No heading line: none of the first {lines} lines has more than one cell. Keep one line of headings above the data.",
    ),
    "one-column": (
        "整个文件只读出一列（“{heading}”）。可能是分隔符不对，请用逗号、制表符、分号或竖线分隔，或改用 .xlsx 提交。",
        "Only one column (“{heading}”) was found. The delimiter may be wrong: use comma, tab, semicolon or bar, or .xlsx.",
    ),
    "duplicate-headings": (
        "第 {first} 列和第 {second} 列的标题都是“{heading}”，无法判断以哪一列为准。请改名或删去其中一列。",
        "Columns {first} and {second} are both headed “{heading}”. Rename or remove one of them.",
    ),
    "too-many-columns": (
        "文件有 {found} 列，超过上限 {limit} 列。请只保留模板中的列。",
        "The file has {found} columns, more than the limit of {limit}. Keep only the template's columns.",
    ),
    "too-large": (
        "文件有 {found}，超过上限 {limit}。请分成几个文件提交。",
        "The file has {found}, more than the limit of {limit}. Split it and send the parts.",
    ),
    "line-too-long": (
        "从第 {row} 行数据起连续 {limit} 没有换行，读不成表格。请检查文件是否损坏，或换行符是否丢失。",
        "From data row {row} on there is no line end for {limit}. The file may be damaged.",
    ),
    "undecodable": (
        "文件不是可读的文本：既不是 UTF-8，也不是 GB18030（首个无法识别的字节在第 {line} 行）。"
        "请用 Excel 或 WPS 另存为 .xlsx 或“CSV UTF-8”再提交。",
        "The file is not readable text, neither UTF-8 nor GB18030 (first bad byte on line {line}). "
        "Save it as .xlsx or CSV UTF-8 and send it again.",
    ),
    "unknown-type": (
        "认不出这是什么文件。可以提交 .xlsx、CSV、JSON Lines 或 Parquet 文件。",
        "Unknown kind of file. Send .xlsx, CSV, JSON Lines or Parquet.",
    ),
    "old-excel": (
        "这是旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV 再提交。",
        "This is an old Excel file (.xls). Save it as .xlsx or CSV and send it again.",
    ),
    "binary-excel": (
        "这是二进制 Excel（.xlsb）文件，请另存为 .xlsx 或 CSV 再提交。",
        "This is a binary Excel file (.xlsb). Save it as .xlsx or CSV and send it again.",
    ),
    "encrypted": (
        "这个文件加了密码，系统打不开。请去掉打开密码后另存为 .xlsx 再提交。",
        "The file is protected by a password. Save it without one and send it again.",
    ),
    "macros": (
        "这个工作簿带有宏（.xlsm），出于安全不予接收。请另存为不带宏的 .xlsx 再提交。",
        "The workbook has macros (.xlsm) and is refused for safety. Save it as .xlsx without macros.",
    ),
    "pdf": (
        "这是 PDF 文件，里面的表格不能当作数据读取。请提交导出这份 PDF 的 .xlsx 或 CSV 文件。",
        "This is a PDF. Send the .xlsx or CSV file it was made from.",
    ),
    "image": (
        "这是图片，不能当作数据读取。请提交 .xlsx 或 CSV 文件。",
        "This is a picture. Send an .xlsx or CSV file.",
    ),
    "markup": (
        "这是网页（HTML）或 XML 文件，只是名字像表格。请用 Excel 或 WPS 打开后另存为 .xlsx 再提交。",
        "This is HTML or XML under another name. Open it in Excel or WPS and save it as .xlsx.",
    ),
    "archive": (
        "这是压缩包（{kind}）。请解压后把里面的数据文件逐个提交。",
        "This is an archive ({kind}). Unpack it and send the data files one by one.",
    ),
    "document": (
        "这是文字或演示文稿（{kind}），不是数据表。请提交 .xlsx 或 CSV 文件。",
        "This is a document ({kind}), not a table. Send an .xlsx or CSV file.",
    ),
    "zip-bomb": (
        "这个文件解压后大得不正常（{found}，上限 {limit}），不予打开。请另存为新的 .xlsx 或 CSV 再提交。",
        "Unpacked, the file is abnormally large ({found}, limit {limit}). Save it afresh as .xlsx or CSV.",
    ),
    "unsafe-xml": (
        "这个工作簿里有自定义的 XML 实体（{part}），正常的 Excel 文件没有，不予打开。请另存为新的 .xlsx 再提交。",
        "The workbook declares its own XML entities ({part}), which no proper Excel file does. Save it afresh.",
    ),
    "damaged": (
        "文件已损坏，读不出来（{reason}）。请在 Excel 或 WPS 中打开检查，另存后再提交。",
        "The file is damaged and cannot be read ({reason}). Open it, check it, save it again and send it.",
    ),
    "no-sheet": (
        "工作簿里没有带数据的可见工作表。请取消隐藏或确认数据已经保存。",
        "The workbook has no visible sheet with data.",
    ),
    "nested": (
        "列“{heading}”里是嵌套的结构（{kind}），不是单个值。请展开成普通的列再提交。",
        "Column “{heading}” holds nested values ({kind}). Flatten it into plain columns.",
    ),
    "not-records": (
        "JSON 里应当每行（或数组的每一项）是一个对象，如 {{\"名称\": \"…\"}}，这里读到的是{found}。",
        "Each line (or array item) must be a JSON object; found {found}.",
    ),
}  # fmt: skip
"""Code -> sentence in Chinese and in English, with named gaps."""

BROKEN: Final[dict[str, tuple[str, str]]] = {
    "too-many-cells": (
        "这一行的单元格比标题多，多半是内容里的分隔符没有加引号。",
        "The row has more cells than there are headings; a delimiter inside a cell was probably not quoted.",
    ),
    "too-few-cells": (
        "这一行只有一个单元格，多半是上一行的内容里有换行而没有加引号。",
        "The row has a single cell; a line break inside a cell above was probably not quoted.",
    ),
    "open-quote": (
        "这一行的引号不成对，无法判断单元格在哪里结束。",
        "The quotes on this line do not pair, so the end of a cell cannot be told.",
    ),
    "bad-bytes": (
        "这一行有无法识别的字节，编码与文件其他部分不一致。",
        "The line has bytes that do not decode in the encoding of the file.",
    ),
    "control-characters": (
        "这一行含有不可见的控制字符（NUL）。",
        "The line contains a NUL character.",
    ),
    "too-long": (
        "这一行有单元格的字数超出上限。",
        "A cell of this row is too long.",
    ),
    "bad-json": (
        "这一行不是完整的 JSON 对象。",
        "The line is not a complete JSON object.",
    ),
}  # fmt: skip
"""Kind of `BrokenRow` -> sentence in Chinese and in English; numbers stand in the row's `expected`."""


class FileRefused(Exception):
    """The whole file cannot be taken; `code` is stable, `message` says in Chinese what it is and what to do."""

    def __init__(self, code: str, message: str, message_en: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.message_en = message_en


def refuse(code: str, **values: object) -> FileRefused:
    """The exception for `code` with its sentences filled in; the caller raises it."""
    message, message_en = REFUSALS[code]
    return FileRefused(code, message.format(**values), message_en.format(**values))


def amount(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"
