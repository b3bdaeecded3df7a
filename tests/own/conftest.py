"""Every test of the own space has a store with one firm, its penalty, and a bank."""

from __future__ import annotations

import pytest

from chengxin.registry.models import Record

from . import house


@pytest.fixture
def record(store: object) -> Record:
    return house.settle()
