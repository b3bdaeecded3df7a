"""Real files are read in place; without them this folder is skipped with a reason, and in CI it fails."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def jiangsu(shared_data: Path) -> Path:
    return shared_data / "jiangsu-enterprises"


@pytest.fixture
def blacklists(shared_data: Path) -> Path:
    return shared_data / "credit-blacklists"


@pytest.fixture
def mixed(shared_data: Path) -> Path:
    return shared_data / "mixed-credit-records"
