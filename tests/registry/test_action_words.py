"""One vocabulary for what happens to a record: every action the register writes has a word, and no word is for nothing."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation

import chengxin
from chengxin.policy.procedures import Effect
from chengxin.registry.action_words import ACTIONS, action_label
from chengxin.registry.actions import _TO

HOME = Path(chengxin.__file__).parent
WRITTEN = re.compile(
    r"""(?:append_version|_append|mark_due)\([^"]*?"([a-z-]+)"|action="([a-z-]+)"|THEN '(created|settle)'|ELSE '(updated|drop)'"""
)


def written() -> set[str]:
    """The actions that stand in the register's own source, and the verbs of a change of standing."""
    found = set(_TO)
    for file in (HOME / "registry").glob("*.py"):
        for groups in WRITTEN.findall(file.read_text("utf-8")):
            found |= {word for word in groups if word}
    return found


def test_every_action_that_is_written_has_a_word_and_no_other_has() -> None:
    assert written() == set(ACTIONS)


def test_pages_have_no_words_of_their_own_for_actions() -> None:
    for file in ("own/views/records.py", "workbench/case_record.py"):
        text = (HOME / file).read_text("utf-8")
        assert "action_label(" in text
        assert '"dispute"' not in text


def test_procedures_speak_of_actions_that_exist() -> None:
    named = {e.removeprefix("record.") for e in Effect.__args__ if e.startswith("record.")}
    of_cases = {"enter", "retract", "end-publicity"}  # verbs of a case; their versions are called by other words
    assert named - set(ACTIONS) == of_cases


def test_words_are_told_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert action_label("settle") == "存疑已确认"
        assert action_label("something-new") == "something-new"
