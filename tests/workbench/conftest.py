"""Every test of the workbench has a store of its own and the same people."""

from __future__ import annotations

import pytest
from django.test import Client

from chengxin.collection.models import Batch

from . import desk


@pytest.fixture
def people(store: object) -> dict[str, Client]:
    return desk.settle()


@pytest.fixture
def batch(people: dict[str, Client]) -> Batch:
    """A checked batch with faults, submitted by somebody who is an auditor too."""
    return desk.submitted(people["both"], desk.faulty())
