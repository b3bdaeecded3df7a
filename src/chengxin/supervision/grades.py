"""The grades that supervision goes by, from whoever evaluates: named in the settings, since rooms do not import each other.

CHENGXIN_GRADES          dotted path of a `Grades` function: present grades; its attribute `select`, where it has one, is
                         the same as a SELECT
CHENGXIN_GRADE_FORECAST  dotted path of a `Forecast` function: grades that time alone will change; may be empty
CHENGXIN_GRADE_MOVES     dotted path: the moves behind an entry of the history (`Moved`); may be empty
CHENGXIN_GRADE_NEWEST    dotted path: the number of the newest entry of the history; may be empty
CHENGXIN_GRADE_TERMS     dotted path: the terms of verification that run (`Running`); may be empty
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Grade(NamedTuple):
    """A subject's present grade under one model; rank 0 is the best, `since` the day from which it has been so."""

    subject_id: int
    model: str
    grade: str
    rank: int
    since: date


class Coming(NamedTuple):
    """The grade a subject will have from `on` if nothing happens until then; rank 0 is the best."""

    subject_id: int
    model: str
    grade: str
    rank: int
    next_grade: str
    next_rank: int
    on: date


class Grades(Protocol):
    """Rows in the shape of `Grade`, for these subjects (None: all) under these models (None: all); no order needed."""

    def __call__(
        self, subjects: Sequence[int] | None = None, models: Sequence[str] | None = None
    ) -> Iterable[tuple[int, str, str, int, date]]: ...


class Forecast(Protocol):
    """Rows in the shape of `Coming` for changes up to and including `until`."""

    def __call__(self, models: Sequence[str], until: date) -> Iterable[tuple[int, str, str, int, str, int, date]]: ...


class Moved(NamedTuple):
    """A grade that became another one: the number of its entry in the history, before, now, and from which day on."""

    entry: int
    subject_id: int
    model: str
    before: str
    grade: str
    on: date


class Running(NamedTuple):
    """How many results of a model wait for one step of its verification until one day."""

    model: str
    step: str
    due: date
    results: int


class NoForecast(Exception):
    """A rule asks for grades to come, or for terms of verification, and no evaluation here can tell."""


def current_grades(subjects: Sequence[int] | None = None, models: Sequence[str] | None = None) -> Iterable[Grade]:
    """What the provider knows; nothing where none is named, so that lists work before any evaluation does."""
    provider = _provider("CHENGXIN_GRADES")
    if provider is None or (subjects is not None and not subjects) or (models is not None and not models):
        return ()
    return map(Grade._make, provider(subjects, models))


def grades_select() -> str:
    """A SELECT with the columns of `Grade`, to be joined in one statement; empty where the provider has none to give."""
    return str(getattr(_provider("CHENGXIN_GRADES"), "select", ""))


def coming_grades(models: Sequence[str], until: date) -> Iterable[Coming]:
    """Raises `NoForecast` when the settings name none: a rule that cannot be run must not look like a quiet one."""
    provider = _provider("CHENGXIN_GRADE_FORECAST")
    if provider is None:
        raise NoForecast
    return map(Coming._make, provider(models, until))


def running_terms(models: Sequence[str]) -> Iterable[Running]:
    """The terms that run under these models. Raises `NoForecast` when the settings name nobody who knows."""
    provider = _provider("CHENGXIN_GRADE_TERMS")
    if provider is None:
        raise NoForecast
    return map(Running._make, provider(models))


def moved_grades(after: int) -> Iterable[Moved]:
    """The moves behind an entry of the history; nothing where the settings name nobody who knows."""
    provider = _provider("CHENGXIN_GRADE_MOVES")
    return map(Moved._make, provider(after)) if provider is not None else ()


def newest_entry() -> int:
    """The number of the newest entry of the history of grades, 0 where nobody knows."""
    provider = _provider("CHENGXIN_GRADE_NEWEST")
    return int(provider()) if provider is not None else 0


def _provider(setting: str) -> Callable[..., Any] | None:
    path = getattr(settings, setting, "")
    return import_string(path) if path else None
