"""The packs that are shipped, and beside them the tests' own model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ..conftest import REPO

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def packs_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("packs") / "policies"
    shutil.copytree(REPO / "policies", folder)
    shutil.copy(HERE / "probe.toml", folder / "departments" / "probe.toml")
    return folder


@pytest.fixture
def province(store, settings, packs_folder):
    """A store under the packs with the probe."""
    settings.POLICIES = packs_folder
    return store
