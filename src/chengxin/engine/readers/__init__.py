"""Readers of departments' files: CSV, XLSX, JSON Lines and Parquet become chunks of text (F-02, R-032, G-20)."""

from chengxin.engine.readers.headings import RESERVED
from chengxin.engine.readers.model import BrokenRow, Chunk, Limits, Source
from chengxin.engine.readers.opening import open_source
from chengxin.engine.readers.refusals import BROKEN, REFUSALS, FileRefused

__all__ = ["BROKEN", "REFUSALS", "RESERVED", "BrokenRow", "Chunk", "FileRefused", "Limits", "Source", "open_source"]
