"""Refusals: why something was not done, kept as text and values, so that each face says it in its reader's language."""

from __future__ import annotations

from django.utils.translation import gettext, override


class Refusal(Exception):
    """Base of the errors whose text is for people: `str(error)` is the sentence in the language of the moment.

    `text` is marked for translation where it is raised, `values` fill its `%(name)s`.
    """

    def __init__(self, text: str = "", **values: object) -> None:
        super().__init__(text)
        self.text, self.values = text, values

    def __str__(self) -> str:
        said = gettext(self.text) if self.text else ""
        return said % self.values if self.values else said

    def said_in(self, language: str) -> str:
        """The sentence in another language: the API answers in two."""
        with override(language):
            return str(self)
