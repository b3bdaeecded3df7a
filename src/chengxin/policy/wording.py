"""The shape of a message: its words in two languages, with places for what a rule and a cell bring."""

from __future__ import annotations

from dataclasses import dataclass

from chengxin.policy.schema import Level, Stage


@dataclass(frozen=True)
class Template:
    """The words of one kind of rule, with the level and stage it has unless a policy says otherwise."""

    level: Level
    stage: Stage
    zh: str
    en: str
    expected: str
    expected_en: str


def fill(text: str, **parts: object) -> str:
    """Replace `{name}` by the parts given and leave every other brace alone.

    >>> fill("「{label}」写的是「{found}」", label="处罚类别")
    '「处罚类别」写的是「{found}」'
    """
    for name, value in parts.items():
        text = text.replace("{" + name + "}", str(value))
    return text
