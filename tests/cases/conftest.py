"""What leaves the platform is signed, so that a store of cases has its log, as `chengxin init` makes it."""

from __future__ import annotations

import pytest

from chengxin.audit.keys import open_log


@pytest.fixture(autouse=True)
def _log(request: pytest.FixtureRequest) -> None:
    for name in ("store", "live"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
            open_log("operator")
            return
