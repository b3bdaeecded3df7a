"""Every test of the workbench has a store of its own and the same people, some a batch that has been checked or stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.models import User
from chengxin.collection.models import Batch

from . import desk


@pytest.fixture
def people(scene: Callable[..., Any]) -> dict[str, Client]:
    found: dict[str, Client] = scene(desk.settle)
    return found


@pytest.fixture
def batch(people: dict[str, Client], scene: Callable[..., Any]) -> Batch:
    """A checked batch with faults, submitted by somebody who is an auditor too."""
    return Batch.objects.select_related("source").get(pk=scene(_checked))


@pytest.fixture
def stored_batch(people: dict[str, Client], scene: Callable[..., Any]) -> Batch:
    """The same batch, released by the auditor."""
    return Batch.objects.select_related("source").get(pk=scene(_stored))


def _checked() -> int:
    return desk.submitted(_at_desk("both"), desk.faulty()).pk


def _stored() -> int:
    pk = _checked()
    _at_desk("auditor").post(f"/workbench/batches/{pk}/release")
    return pk


def _at_desk(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client
