"""Every test of the API has a store of its own and the same people."""

from __future__ import annotations

import pytest

from .client import Api
from .world import World, settle


@pytest.fixture
def world(store: object, settings: object) -> World:
    settings.API_RATES = {"key": "100000/60", "address": "100000/60"}  # type: ignore[attr-defined]
    return settle()


@pytest.fixture
def anybody(world: World) -> Api:
    return world["nobody"]
