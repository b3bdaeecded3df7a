"""Every test of the API has a store of its own and the same people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .client import Api
from .world import World, settle


@pytest.fixture
def world(scene: Callable[..., World], settings: object) -> World:
    settings.API_RATES = {"key": "100000/60", "address": "100000/60"}  # type: ignore[attr-defined]
    return scene(settle)


@pytest.fixture
def anybody(world: World) -> Api:
    return world["nobody"]
