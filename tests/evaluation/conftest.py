"""A store under few packs, so that these tests do not depend on how many departments have a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import few_packs


@pytest.fixture(scope="session")
def packs_folder(tmp_path_factory) -> Path:
    return few_packs(tmp_path_factory.mktemp("packs") / "policies")


@pytest.fixture
def province(store, settings, packs_folder):
    settings.POLICIES = packs_folder
    return store
