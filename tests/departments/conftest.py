"""A small story-teller: a province of invented subjects whose records come in by the items' own rules (issue 3, part 6).

Each test below this folder tells one department's action plan from a commitment to repair, over the shipped packs and the
real rooms: collection checks every row, the register keeps it, evaluation grades, supervision answers.
"""

from __future__ import annotations

import pytest

from .teller import Province


@pytest.fixture
def province(store: object, settings: object) -> Province:
    """An empty province under the shipped packs; supervision goes by the grades that evaluation keeps."""
    settings.CHENGXIN_GRADE_FORECAST = ""  # type: ignore[attr-defined]
    return Province()
